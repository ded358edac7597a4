"""A user's own phone numbers, as browsers see them. Those operations that may concern second factors are in
`users/phone_numbers/`."""

from __future__ import annotations

from greffier.server.identifications import own
from greffier.server.identifications.phone_numbers.kind import KIND
from greffier.server.identifications.phone_numbers.resources import PhoneNumber, phone_number_resource
from greffier.server.verifications.requests import StrategyRequest
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import frontend_api


@frontend_api.get("/v1/me/phone_numbers", no_envelope=True)
async def get_phone_numbers(ctx: Context) -> list[PhoneNumber]:
    return [phone_number_resource(one, now=ctx.now) for one in await own.list_own(ctx, KIND)]


@frontend_api.get("/v1/me/phone_numbers/{phone_number_id}")
async def read_phone_number(ctx: Context, phone_number_id: str) -> PhoneNumber:
    return phone_number_resource(await own.get_own(ctx, KIND, phone_number_id), now=ctx.now)


@frontend_api.post("/v1/me/phone_numbers/{phone_number_id}/prepare_verification", limit=per_address(5))
async def send_verification_sms(
    ctx: Context, phone_number_id: str, params: StrategyRequest, rest: Parameters
) -> PhoneNumber:
    prepared = await own.prepare_own(ctx, KIND, phone_number_id, params.strategy, rest)
    return phone_number_resource(prepared, now=ctx.now)
