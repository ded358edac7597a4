"""A user's own phone numbers, as browsers see them."""

from __future__ import annotations

from greffier.server.identifications import own
from greffier.server.identifications.phone_numbers.kind import KIND
from greffier.server.identifications.phone_numbers.requests import OwnPhoneNumberPatch, PhoneNumberRequest
from greffier.server.identifications.phone_numbers.resources import PhoneNumber, phone_number_resource
from greffier.server.identifications.phone_numbers.second_factor import refuse_second_factor
from greffier.server.verifications.requests import StrategyRequest
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import REVERIFIED, Reverification, frontend_api
from greffier.server.web.operations.deleted import DeletedObject


@frontend_api.get("/v1/me/phone_numbers", no_envelope=True)
async def get_phone_numbers(ctx: Context) -> list[PhoneNumber]:
    return [phone_number_resource(one, now=ctx.now) for one in await own.list_own(ctx, KIND)]


@frontend_api.post("/v1/me/phone_numbers", reverification=REVERIFIED)
async def post_phone_numbers(ctx: Context, params: PhoneNumberRequest) -> PhoneNumber:
    refuse_second_factor(reserved=params.reserved_for_second_factor)
    return phone_number_resource(await own.add_own(ctx, KIND, params.phone_number), now=ctx.now)


@frontend_api.get("/v1/me/phone_numbers/{phone_number_id}")
async def read_phone_number(ctx: Context, phone_number_id: str) -> PhoneNumber:
    return phone_number_resource(await own.get_own(ctx, KIND, phone_number_id), now=ctx.now)


@frontend_api.patch(
    "/v1/me/phone_numbers/{phone_number_id}",
    reverification=Reverification(parameters="reserved_for_second_factor"),
)
async def update_phone_number(ctx: Context, phone_number_id: str, params: OwnPhoneNumberPatch) -> PhoneNumber:
    found = await own.get_own(ctx, KIND, phone_number_id)
    refuse_second_factor(reserved=params.reserved_for_second_factor, default=params.default_second_factor)
    return phone_number_resource(found, now=ctx.now)


@frontend_api.delete("/v1/me/phone_numbers/{phone_number_id}", reverification=REVERIFIED)
async def delete_phone_number(ctx: Context, phone_number_id: str) -> DeletedObject:
    await own.delete_own(ctx, KIND, phone_number_id)
    return DeletedObject(id=phone_number_id, object=KIND.name)


@frontend_api.post("/v1/me/phone_numbers/{phone_number_id}/prepare_verification", limit=per_address(5))
async def send_verification_sms(
    ctx: Context, phone_number_id: str, params: StrategyRequest, rest: Parameters
) -> PhoneNumber:
    prepared = await own.prepare_own(ctx, KIND, phone_number_id, params.strategy, rest)
    return phone_number_resource(prepared, now=ctx.now)


@frontend_api.post("/v1/me/phone_numbers/{phone_number_id}/attempt_verification", limit=per_address(3))
async def verify_phone_number(ctx: Context, phone_number_id: str, rest: Parameters) -> PhoneNumber:
    return phone_number_resource(await own.attempt_own(ctx, KIND, phone_number_id, rest), now=ctx.now)
