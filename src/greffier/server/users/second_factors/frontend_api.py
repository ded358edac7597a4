"""The signed-in user's authenticator app and backup codes."""

from __future__ import annotations

from greffier.server.users.second_factors import own_factors
from greffier.server.users.second_factors.requests import CodeRequest
from greffier.server.users.second_factors.resources import (
    BackupCodes,
    Totp,
    backup_codes_resource,
    new_totp,
    verified_totp,
)
from greffier.server.web.context import Context
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import frontend_api
from greffier.server.web.operations.deleted import DeletedObject


@frontend_api.post("/v1/me/totp", limit=per_address(5))
async def post_totp(ctx: Context) -> Totp:
    caller = await ctx.require_session()
    return await new_totp(ctx, *await own_factors.create_totp(ctx, caller))


@frontend_api.post("/v1/me/totp/attempt_verification", limit=per_address(3))
async def verify_totp(ctx: Context, params: CodeRequest) -> Totp:
    caller = await ctx.require_session()
    return verified_totp(*await own_factors.verify_totp(ctx, caller, params.code or ""))


@frontend_api.delete("/v1/me/totp")
async def delete_totp(ctx: Context) -> DeletedObject:
    caller = await ctx.require_session()
    return DeletedObject(id=await own_factors.delete_totp(ctx, caller), object="totp")


@frontend_api.post("/v1/me/backup_codes", limit=per_address(5))
async def create_backup_codes(ctx: Context) -> BackupCodes:
    caller = await ctx.require_session()
    return backup_codes_resource(await own_factors.create_backup_codes(ctx, caller))
