"""The phone numbers that an application's backend gives to a user."""

from __future__ import annotations

from greffier.server.identifications.phone_numbers.kind import KIND
from greffier.server.identifications.phone_numbers.resources import PhoneNumber, phone_number_resource
from greffier.server.identifications.phone_numbers.second_factor import refuse_second_factor
from greffier.server.users import identifications
from greffier.server.users.phone_numbers.requests import CreatePhoneNumberRequest, ReplacePhoneNumberRequest
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api


@backend_api.post("/v1/phone_numbers")
async def create_phone_number(ctx: Context, params: CreatePhoneNumberRequest) -> PhoneNumber:
    refuse_second_factor(reserved=params.reserved_for_second_factor)
    given = await identifications.add_identification(
        ctx,
        params.user_id,
        KIND.read(ctx, params.phone_number, KIND.name),
        verified=bool(params.verified),
        primary=bool(params.primary),
        notify=False,
    )
    return phone_number_resource(given, now=ctx.now)


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
