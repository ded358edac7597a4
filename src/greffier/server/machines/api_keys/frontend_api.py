"""The API keys of the signed-in user, and of organizations in which they may manage keys.

The caller is authenticated by a session token in `Authorization`, and by no cookie, so that no other site's
page can make a browser create a key.
"""

from __future__ import annotations

from greffier.server import errors
from greffier.server.machines.api_keys import lifecycle as api_keys
from greffier.server.machines.api_keys.requests import (
    ApiKeyQuery,
    ApiKeyRevocationRequest,
    OwnApiKeyPatch,
    OwnApiKeyRequest,
)
from greffier.server.machines.api_keys.resources import ApiKey, api_key, new_api_key
from greffier.server.machines.api_keys.search import list_keys
from greffier.server.machines.api_keys.subjects import MANAGE, READ, may_manage_keys
from greffier.server.web.context import Context
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import Created, frontend_api
from greffier.server.web.operations.pagination import Page
from greffier.server.web.ports import CurrentSession


async def _caller(ctx: Context) -> CurrentSession:
    """Raises: ApiError: 401 without a valid session token, 400 when the instance has no API keys of users."""
    caller = await ctx.require_bearer_session()
    rules = ctx.instance.settings.api_keys
    if not (rules.enabled and (rules.users or rules.organizations)):
        raise errors.api_keys_not_enabled()
    return caller


async def _subject_of(ctx: Context, api_key_id: str) -> str:
    """The subject of the key.

    Raises:
        ApiError: as `_caller`; 404 when there is no such key, or it is not for the caller to change.
    """
    caller = await _caller(ctx)
    subject = (await api_keys.get_key(ctx, api_key_id)).subject
    if not await may_manage_keys(ctx, caller, subject, MANAGE):
        raise errors.not_found("API key")
    return subject


@frontend_api.get("/api_keys", no_envelope=True, invalid_status=400)
async def get_api_keys(ctx: Context, query: ApiKeyQuery) -> Page[ApiKey]:
    """Newest first."""
    if not await may_manage_keys(ctx, await _caller(ctx), query.subject, READ):
        raise errors.not_found("subject")
    rows, total = await list_keys(ctx, query)
    return Page([api_key(row, ctx.now) for row in rows], total)


@frontend_api.post("/api_keys", no_envelope=True, invalid_status=400, limit=per_address(5))
async def create_api_key(ctx: Context, params: OwnApiKeyRequest) -> Created:
    caller = await _caller(ctx)
    if not await may_manage_keys(ctx, caller, params.subject, MANAGE):
        raise errors.invalid_params(errors.param_value_invalid("subject", params.subject))
    if caller.impersonated:
        raise errors.api_key_by_impersonator()
    row, secret = await api_keys.create_key(ctx, params, created_by=caller.user_id)
    return Created(new_api_key(row, secret, ctx.now))


@frontend_api.patch("/api_keys/{api_key_id}", no_envelope=True, invalid_status=400)
async def update_api_key(ctx: Context, api_key_id: str, params: OwnApiKeyPatch) -> ApiKey:
    subject = await _subject_of(ctx, api_key_id)
    return api_key(await api_keys.update_key(ctx, api_key_id, params, subject=subject), ctx.now)


@frontend_api.post("/api_keys/{api_key_id}/revoke", no_envelope=True, invalid_status=400)
async def revoke_api_key(ctx: Context, api_key_id: str, params: ApiKeyRevocationRequest) -> ApiKey:
    subject = await _subject_of(ctx, api_key_id)
    row = await api_keys.revoke_key(ctx, api_key_id, params.revocation_reason, subject=subject)
    return api_key(row, ctx.now)
