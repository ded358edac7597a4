"""A user's own email addresses, as browsers see them."""

from __future__ import annotations

from greffier.server.identifications import own
from greffier.server.identifications.email_addresses.kind import KIND
from greffier.server.identifications.email_addresses.requests import EmailAddressRequest
from greffier.server.identifications.email_addresses.resources import EmailAddress, email_address_resource
from greffier.server.verifications.requests import StrategyRequest
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import REVERIFIED, frontend_api
from greffier.server.web.operations.deleted import DeletedObject


@frontend_api.get("/v1/me/email_addresses", no_envelope=True)
async def get_email_addresses(ctx: Context) -> list[EmailAddress]:
    return [email_address_resource(one, now=ctx.now) for one in await own.list_own(ctx, KIND)]


@frontend_api.post("/v1/me/email_addresses", reverification=REVERIFIED)
async def create_email_addresses(ctx: Context, params: EmailAddressRequest) -> EmailAddress:
    return email_address_resource(await own.add_own(ctx, KIND, params.email_address), now=ctx.now)


@frontend_api.get("/v1/me/email_addresses/{email_id}")
async def get_email_address(ctx: Context, email_id: str) -> EmailAddress:
    return email_address_resource(await own.get_own(ctx, KIND, email_id), now=ctx.now)


@frontend_api.delete("/v1/me/email_addresses/{email_id}", reverification=REVERIFIED)
async def delete_email_address(ctx: Context, email_id: str) -> DeletedObject:
    await own.delete_own(ctx, KIND, email_id)
    return DeletedObject(id=email_id, object=KIND.name)


@frontend_api.post("/v1/me/email_addresses/{email_id}/prepare_verification", limit=per_address(5))
async def send_verification_email(
    ctx: Context, email_id: str, params: StrategyRequest, rest: Parameters
) -> EmailAddress:
    prepared = await own.prepare_own(ctx, KIND, email_id, params.strategy, rest)
    return email_address_resource(prepared, now=ctx.now)


@frontend_api.post("/v1/me/email_addresses/{email_id}/attempt_verification", limit=per_address(3))
async def verify_email_address(ctx: Context, email_id: str, rest: Parameters) -> EmailAddress:
    return email_address_resource(await own.attempt_own(ctx, KIND, email_id, rest), now=ctx.now)
