"""API keys as an application's backend makes and verifies them. The secret key of the instance opens all of
this whatever its settings say of users, as everything else."""

from __future__ import annotations

from greffier.server.machines.api_keys import lifecycle as api_keys
from greffier.server.machines.api_keys.requests import (
    ApiKeyPatch,
    ApiKeyQuery,
    ApiKeyRequest,
    ApiKeyRevocationRequest,
)
from greffier.server.machines.api_keys.resources import (
    ApiKey,
    ApiKeySecret,
    DeletedApiKey,
    NewApiKey,
    api_key,
    new_api_key,
)
from greffier.server.machines.api_keys.search import list_keys
from greffier.server.machines.api_keys.subjects import require_subject
from greffier.server.machines.requests import VerificationRequest
from greffier.server.versions.v2026_05_12 import CREATED_API_KEY_ANSWERS_200
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import Created, backend_api
from greffier.server.web.operations.pagination import Page


@backend_api.post("/v1/api_keys", invalid_status=400)
async def create_api_key(ctx: Context, params: ApiKeyRequest) -> NewApiKey | Created:
    row, secret = await api_keys.create_key(ctx, params)
    made = new_api_key(row, secret, ctx.now)
    return made if CREATED_API_KEY_ANSWERS_200.applies(ctx.version) else Created(made)


@backend_api.get("/v1/api_keys", invalid_status=400)
async def get_api_keys(ctx: Context, query: ApiKeyQuery) -> Page[ApiKey]:
    """Newest first."""
    await require_subject(ctx, query.subject)
    rows, total = await list_keys(ctx, query)
    return Page([api_key(row, ctx.now) for row in rows], total)


@backend_api.post("/v1/api_keys/verify", invalid_status=400)
async def verify_api_key(ctx: Context, params: VerificationRequest) -> ApiKey:
    return api_key(await api_keys.verify_key(ctx, params), ctx.now)


@backend_api.get("/v1/api_keys/{api_key_id}", invalid_status=400)
async def get_api_key(ctx: Context, api_key_id: str) -> ApiKey:
    return api_key(await api_keys.get_key(ctx, api_key_id), ctx.now)


@backend_api.patch("/v1/api_keys/{api_key_id}", invalid_status=400)
async def update_api_key(ctx: Context, api_key_id: str, params: ApiKeyPatch) -> ApiKey:
    return api_key(await api_keys.update_key(ctx, api_key_id, params), ctx.now)


@backend_api.delete("/v1/api_keys/{api_key_id}", invalid_status=400)
async def delete_api_key(ctx: Context, api_key_id: str) -> DeletedApiKey:
    return DeletedApiKey(id=await api_keys.delete_key(ctx, api_key_id))


@backend_api.get("/v1/api_keys/{api_key_id}/secret", invalid_status=400)
async def get_api_key_secret(ctx: Context, api_key_id: str) -> ApiKeySecret:
    return ApiKeySecret(await api_keys.get_secret(ctx, api_key_id))


@backend_api.post("/v1/api_keys/{api_key_id}/revoke", invalid_status=400)
async def revoke_api_key(ctx: Context, api_key_id: str, params: ApiKeyRevocationRequest) -> ApiKey:
    return api_key(await api_keys.revoke_key(ctx, api_key_id, params.revocation_reason), ctx.now)
