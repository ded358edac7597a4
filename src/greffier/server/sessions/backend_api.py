"""Sessions as an application's backend sees them. Making and refreshing one needs a client, so these
operations are in `clients/backend_api.py`."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.sessions.lifecycle import finish_session, is_live, is_usable
from greffier.server.sessions.listing import SessionListQuery, count_sessions, list_sessions
from greffier.server.sessions.queries import GET
from greffier.server.sessions.requests import SessionTokenRequest, VerifySessionRequest
from greffier.server.sessions.resources import BackendSession, Token, backend_session
from greffier.server.sessions.tables import SessionRow
from greffier.server.sessions.tokens.minting import sign_session_token
from greffier.server.sessions.tokens.template_tokens import mint_template_token
from greffier.server.signing.lifetimes import warn_of_long_lifetime
from greffier.server.signing.verification import read_session_token
from greffier.server.versions.v2025_04_10 import NO_SESSION_VERIFICATION
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.pagination import Page, page_of


async def _get(ctx: Context, session_id: str) -> SessionRow:
    session = await ctx.db.one(GET, instance_id=ctx.instance.id, id=session_id)
    if session is None:
        raise errors.session_not_found()
    return session


@backend_api.get("/v1/sessions")
async def get_session_list(
    ctx: Context, query: SessionListQuery
) -> list[BackendSession] | Page[BackendSession]:
    rows = await list_sessions(ctx, query)
    return await page_of(
        query, [backend_session(ctx, row) for row in rows], lambda: count_sessions(ctx, query)
    )


@backend_api.get("/v1/sessions/{session_id}")
async def get_session(ctx: Context, session_id: str) -> BackendSession:
    return backend_session(ctx, await _get(ctx, session_id))


@backend_api.post("/v1/sessions/{session_id}/revoke")
async def revoke_session(ctx: Context, session_id: str) -> BackendSession:
    session = await _get(ctx, session_id)
    return backend_session(ctx, await finish_session(ctx, session, "revoked"))


@backend_api.post("/v1/sessions/{session_id}/verify")
async def verify_session(ctx: Context, session_id: str, params: VerifySessionRequest) -> BackendSession:
    """Whether a session token is good and its session lives: asked by SDKs of before 2025-04-10, which could
    do that themselves."""
    if NO_SESSION_VERIFICATION.applies(ctx.version):
        raise errors.route_not_found()
    session = await _get(ctx, session_id)
    claims = read_session_token(ctx, params.token) or {}
    good = claims.get("sid") == session.id and claims.get("exp", 0) * 1000 > ctx.now
    if not good or not is_usable(ctx, session):
        raise errors.session_token_refused()
    return backend_session(ctx, session)


@backend_api.post("/v1/sessions/{session_id}/tokens/{template_name}")
async def create_session_token_from_template(
    ctx: Context, session_id: str, template_name: str, params: SessionTokenRequest
) -> Token:
    session = await _get(ctx, session_id)
    lifetime = params.expires_in_seconds
    token = await mint_template_token(ctx, session, template_name, lifetime=lifetime)
    warn_of_long_lifetime(ctx, "A token of a JWT template", lifetime or 0)
    return Token(jwt=token)


@backend_api.post("/v1/sessions/{session_id}/tokens")
async def create_session_token(ctx: Context, session_id: str, params: SessionTokenRequest) -> Token:
    session = await _get(ctx, session_id)
    if not is_live(session, ctx.now):
        raise errors.session_token_refused()
    lifetime = params.expires_in_seconds
    warn_of_long_lifetime(ctx, "A session token", lifetime or 0)
    return Token(jwt=await sign_session_token(ctx, session, lifetime=lifetime))
