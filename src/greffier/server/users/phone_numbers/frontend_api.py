"""A user's own phone numbers, as far as they may be second factors. The other operations are in
`identifications/phone_numbers/`."""

from __future__ import annotations

from greffier.server.identifications import own
from greffier.server.identifications.phone_numbers.kind import KIND
from greffier.server.identifications.phone_numbers.resources import PhoneNumber, phone_number_resource
from greffier.server.users.phone_numbers import second_factor
from greffier.server.users.phone_numbers.requests import OwnPhoneNumberPatch, PhoneNumberRequest
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import REVERIFIED, Reverification, frontend_api
from greffier.server.web.operations.deleted import DeletedObject


@frontend_api.post("/v1/me/phone_numbers", reverification=REVERIFIED)
async def post_phone_numbers(ctx: Context, params: PhoneNumberRequest) -> PhoneNumber:
    reserved = bool(params.reserved_for_second_factor)
    added = await second_factor.add_own_number(ctx, params.phone_number, reserved=reserved)
    return phone_number_resource(added, now=ctx.now)


@frontend_api.patch(
    "/v1/me/phone_numbers/{phone_number_id}",
    reverification=Reverification(parameters="reserved_for_second_factor|default_second_factor"),
)
async def update_phone_number(ctx: Context, phone_number_id: str, params: OwnPhoneNumberPatch) -> PhoneNumber:
    changed, codes = await second_factor.change_own_number(
        ctx,
        phone_number_id,
        reserved=params.reserved_for_second_factor,
        default=params.default_second_factor,
    )
    return phone_number_resource(changed, now=ctx.now, backup_codes=codes)


@frontend_api.delete("/v1/me/phone_numbers/{phone_number_id}", reverification=REVERIFIED)
async def delete_phone_number(ctx: Context, phone_number_id: str) -> DeletedObject:
    await own.delete_own(ctx, KIND, phone_number_id)
    return DeletedObject(id=phone_number_id, object=KIND.name)


@frontend_api.post("/v1/me/phone_numbers/{phone_number_id}/attempt_verification", limit=per_address(3))
async def verify_phone_number(ctx: Context, phone_number_id: str, rest: Parameters) -> PhoneNumber:
    verified, codes = await second_factor.verify_own_number(ctx, phone_number_id, rest)
    return phone_number_resource(verified, now=ctx.now, backup_codes=codes)
