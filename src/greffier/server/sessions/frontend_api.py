"""Sessions as browsers see them."""

from __future__ import annotations

from greffier.server.sessions import lifecycle
from greffier.server.sessions.lifecycle import (
    finish_session,
    revoke_own_session,
    session_of_client,
)
from greffier.server.sessions.queries import ALL_OF_USER, LIVE_OF_USER
from greffier.server.sessions.requests import TokenRequest, TouchRequest
from greffier.server.sessions.resources import (
    ActiveSession,
    FrontendSession,
    Token,
    active_session,
    frontend_session,
)
from greffier.server.sessions.tokens.minting import mint_session_token
from greffier.server.sessions.tokens.template_tokens import mint_own_template_token
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import REVERIFIED, frontend_api


@frontend_api.post("/v1/client/sessions/{session_id}/tokens", no_envelope=True)
async def create_session_token(ctx: Context, session_id: str, params: TokenRequest) -> Token:
    return Token(jwt=await mint_session_token(ctx, session_id, params.organization_id))


@frontend_api.post("/v1/client/sessions/{session_id}/tokens/{template_name}", no_envelope=True)
async def create_session_token_with_template(ctx: Context, session_id: str, template_name: str) -> Token:
    return Token(jwt=await mint_own_template_token(ctx, session_id, template_name))


@frontend_api.get("/v1/client/sessions/{session_id}")
async def get_session(ctx: Context, session_id: str) -> FrontendSession:
    return await frontend_session(ctx, await session_of_client(ctx, session_id))


@frontend_api.post("/v1/client/sessions/{session_id}/touch")
async def touch_session(ctx: Context, session_id: str, params: TouchRequest) -> FrontendSession:
    session = await lifecycle.touch_session(ctx, session_id, params.active_organization_id)
    return await frontend_session(ctx, session)


@frontend_api.post("/v1/client/sessions/{session_id}/end")
async def end_session(ctx: Context, session_id: str) -> FrontendSession:
    session = await finish_session(ctx, await session_of_client(ctx, session_id), "ended")
    return await frontend_session(ctx, session)


@frontend_api.post("/v1/client/sessions/{session_id}/remove")
async def remove_session(ctx: Context, session_id: str) -> FrontendSession:
    session = await finish_session(ctx, await session_of_client(ctx, session_id), "removed")
    return await frontend_session(ctx, session)


@frontend_api.get("/v1/me/sessions", no_envelope=True)
async def get_users_sessions(ctx: Context) -> list[FrontendSession]:
    caller = await ctx.require_session()
    rows = await ctx.db.all(ALL_OF_USER, instance_id=ctx.instance.id, user_id=caller.user_id)
    return [await frontend_session(ctx, row, with_token=False) for row in rows]


@frontend_api.get("/v1/me/sessions/active", no_envelope=True)
async def get_sessions(ctx: Context) -> list[ActiveSession]:
    caller = await ctx.require_session()
    rows = await ctx.db.all(LIVE_OF_USER, instance_id=ctx.instance.id, user_id=caller.user_id, now=ctx.now)
    return [active_session(ctx, row) for row in rows]


@frontend_api.post("/v1/me/sessions/{session_id}/revoke", reverification=REVERIFIED)
async def revoke_session(ctx: Context, session_id: str) -> FrontendSession:
    caller = await ctx.require_session()
    session = await revoke_own_session(ctx, caller, session_id)
    return await frontend_session(ctx, session, with_token=False)
