"""The signed-in user's external accounts."""

from __future__ import annotations

from greffier.server.users.external_accounts import own_accounts
from greffier.server.users.external_accounts.requests import ExternalAccountRequest
from greffier.server.users.external_accounts.resources import ExternalAccount, external_account_resource
from greffier.server.users.lookup import get_user
from greffier.server.users.resources import FrontendUser, frontend_user
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import REVERIFIED, frontend_api
from greffier.server.web.operations.deleted import DeletedObject


@frontend_api.post("/v1/me/external_accounts", limit=per_address(5), reverification=REVERIFIED)
async def post_oauth_accounts(
    ctx: Context, params: ExternalAccountRequest, rest: Parameters
) -> ExternalAccount:
    caller = await ctx.require_session()
    asked = await own_accounts.begin_connecting(ctx, caller.user_id, params.strategy, rest)
    return external_account_resource(*asked, now=ctx.now)


@frontend_api.patch("/v1/me/external_accounts/{external_account_id}/reauthorize", limit=per_address(5))
async def reauthorize_external_account(
    ctx: Context, external_account_id: str, rest: Parameters
) -> ExternalAccount:
    caller = await ctx.require_session()
    asked = await own_accounts.reauthorize(ctx, caller.user_id, external_account_id, rest)
    return external_account_resource(*asked, now=ctx.now)


@frontend_api.delete("/v1/me/external_accounts/{external_account_id}", reverification=REVERIFIED)
async def delete_external_account(ctx: Context, external_account_id: str) -> DeletedObject:
    caller = await ctx.require_session()
    await own_accounts.delete_own(ctx, caller.user_id, external_account_id)
    return DeletedObject(id=external_account_id, object="external_account")


@frontend_api.delete("/v1/me/external_accounts/{external_account_id}/tokens", limit=per_address(5))
async def revoke_external_account_tokens(ctx: Context, external_account_id: str) -> FrontendUser:
    caller = await ctx.require_session()
    await own_accounts.revoke_tokens(ctx, caller.user_id, external_account_id)
    return await frontend_user(ctx, await get_user(ctx, caller.user_id))
