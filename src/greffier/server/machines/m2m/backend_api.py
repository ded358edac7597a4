"""M2M tokens, as the application's servers and the machines themselves see them."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.machines.m2m import tokens as m2m_tokens
from greffier.server.machines.m2m import verification as m2m_verification
from greffier.server.machines.m2m.requests import M2mTokenRequest
from greffier.server.machines.m2m.resources import M2mToken, M2mTokenList
from greffier.server.machines.m2m.verification import M2mTokenListQuery
from greffier.server.machines.requests import RevocationRequest, VerificationRequest
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import Created, backend_api


@backend_api.post("/v1/m2m_tokens", machines=True, invalid_status=400)
async def create_m2m_token(ctx: Context, params: M2mTokenRequest) -> Created:
    return Created(await m2m_tokens.create_token(ctx, params))


@backend_api.get("/v1/m2m_tokens", machines=True, invalid_status=400)
async def get_m2m_tokens(ctx: Context, query: M2mTokenListQuery) -> M2mTokenList:
    return await m2m_verification.list_tokens(ctx, query)


@backend_api.post("/v1/m2m_tokens/{m2m_token_id}/revoke", machines=True, invalid_status=400)
async def revoke_m2m_token(ctx: Context, m2m_token_id: str, params: RevocationRequest) -> M2mToken:
    return await m2m_verification.revoke_token(ctx, m2m_token_id, params.revocation_reason)


@backend_api.post("/v1/m2m_tokens/verify", machines=True, invalid_status=400)
async def verify_m2m_token(ctx: Context, params: VerificationRequest) -> M2mToken:
    token = params.token or params.secret or params.access_token
    if not token:
        raise errors.invalid_params(errors.param_missing("token"))
    return await m2m_verification.verify_token(ctx, token)
