"""The signed-in user's authenticator app."""

from __future__ import annotations

from greffier.server.users.second_factors.requests import CodeRequest
from greffier.server.users.second_factors.totp import own_app
from greffier.server.users.second_factors.totp.resources import (
    Totp,
    new_totp,
    verified_totp,
)
from greffier.server.web.context import Context
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import REVERIFIED, frontend_api
from greffier.server.web.operations.deleted import DeletedObject


@frontend_api.post("/v1/me/totp", limit=per_address(5), reverification=REVERIFIED)
async def post_totp(ctx: Context) -> Totp:
    caller = await ctx.require_session()
    return await new_totp(ctx, *await own_app.create_totp(ctx, caller))


@frontend_api.post("/v1/me/totp/attempt_verification", limit=per_address(3))
async def verify_totp(ctx: Context, params: CodeRequest) -> Totp:
    caller = await ctx.require_session()
    return verified_totp(*await own_app.verify_totp(ctx, caller, params.code or ""))


@frontend_api.delete("/v1/me/totp", reverification=REVERIFIED)
async def delete_totp(ctx: Context) -> DeletedObject:
    caller = await ctx.require_session()
    return DeletedObject(id=await own_app.delete_totp(ctx, caller), object="totp")
