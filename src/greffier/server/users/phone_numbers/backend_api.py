"""The phone numbers that an application's backend gives to a user, and changes of them."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.identifications import changes
from greffier.server.identifications.phone_numbers.kind import KIND
from greffier.server.identifications.phone_numbers.resources import PhoneNumber, phone_number_resource
from greffier.server.users import identifications
from greffier.server.users.phone_numbers.requests import (
    CreatePhoneNumberRequest,
    PhoneNumberPatch,
    ReplacePhoneNumberRequest,
)
from greffier.server.users.phone_numbers.second_factor import change_number
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api


@backend_api.post("/v1/phone_numbers")
async def create_phone_number(ctx: Context, params: CreatePhoneNumberRequest) -> PhoneNumber:
    reserved = bool(params.reserved_for_second_factor)
    if reserved and not params.verified:
        raise errors.second_factor_unverified("create")
    given = await identifications.add_identification(
        ctx,
        params.user_id,
        KIND.read(ctx, params.phone_number, KIND.name),
        verified=bool(params.verified),
        primary=bool(params.primary),
        notify=False,
    )
    if reserved:
        await change_number(ctx, given.row, reserved=True)
        given = await changes.get_identification(ctx, KIND, given.row.id)
    return phone_number_resource(given, now=ctx.now)


@backend_api.patch("/v1/phone_numbers/{phone_number_id}")
async def update_phone_number(ctx: Context, phone_number_id: str, params: PhoneNumberPatch) -> PhoneNumber:
    changed = await changes.change_identification(
        ctx, KIND, phone_number_id, verified=params.verified, primary=params.primary, notify=False
    )
    if params.reserved_for_second_factor is not None:
        await change_number(ctx, changed.row, reserved=params.reserved_for_second_factor)
        changed = await changes.get_identification(ctx, KIND, phone_number_id)
    return phone_number_resource(changed, now=ctx.now)


@backend_api.put("/v1/users/{user_id}/phone_number")
async def replace_user_phone_number(
    ctx: Context, user_id: str, params: ReplacePhoneNumberRequest
) -> PhoneNumber:
    given = await identifications.replace_identifications(
        ctx,
        user_id,
        KIND.read(ctx, params.phone_number, KIND.name),
        status=params.identification_status,
        notify=False,
    )
    return phone_number_resource(given, now=ctx.now)
