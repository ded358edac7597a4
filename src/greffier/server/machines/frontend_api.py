"""The API keys of the signed-in user. The caller is known by a session token in `Authorization`, and by no
cookie, so that no other site's page can make a browser create one."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.machines import api_keys
from greffier.server.machines.api_key_resources import (
    ApiKey,
    ApiKeyQuery,
    OwnApiKeyPatch,
    OwnApiKeyRequest,
    RevocationRequest,
    api_key,
    new_api_key,
)
from greffier.server.machines.api_key_search import list_keys
from greffier.server.web.context import Context, CurrentSession
from greffier.server.web.operations import Created, frontend_api
from greffier.server.web.pagination import Page


async def _caller(ctx: Context) -> CurrentSession:
    """Raises: ApiError: 401 without a session token that is good, 400 when users may have no keys."""
    caller = await ctx.require_bearer_session()
    rules = ctx.instance.settings.api_keys
    if not (rules.enabled and rules.users):
        raise errors.api_keys_not_enabled()
    return caller


@frontend_api.get("/api_keys", bare=True, refusal=400)
async def get_api_keys(ctx: Context, query: ApiKeyQuery) -> Page[ApiKey]:
    """Newest first."""
    caller = await _caller(ctx)
    if query.subject != caller.user_id:
        raise errors.not_found("subject")
    rows, total = await list_keys(ctx, query)
    return Page([api_key(row, ctx.now) for row in rows], total)


@frontend_api.post("/api_keys", bare=True, refusal=400)
async def create_api_key(ctx: Context, params: OwnApiKeyRequest) -> Created:
    caller = await _caller(ctx)
    if params.subject != caller.user_id:
        raise errors.invalid_params(errors.param_value_invalid("subject", params.subject))
    if caller.impersonated:
        raise errors.api_key_by_impersonator()
    row, secret = await api_keys.create_key(ctx, params, created_by=caller.user_id)
    return Created(new_api_key(row, secret, ctx.now))


@frontend_api.patch("/api_keys/{api_key_id}", bare=True, refusal=400)
async def update_api_key(ctx: Context, api_key_id: str, params: OwnApiKeyPatch) -> ApiKey:
    caller = await _caller(ctx)
    row = await api_keys.update_key(ctx, api_key_id, params, subject=caller.user_id)
    return api_key(row, ctx.now)


@frontend_api.post("/api_keys/{api_key_id}/revoke", bare=True, refusal=400)
async def revoke_api_key(ctx: Context, api_key_id: str, params: RevocationRequest) -> ApiKey:
    caller = await _caller(ctx)
    row = await api_keys.revoke_key(ctx, api_key_id, params.revocation_reason, subject=caller.user_id)
    return api_key(row, ctx.now)
