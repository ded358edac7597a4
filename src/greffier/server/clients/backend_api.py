"""Clients as an application's backend sees them, and what it does with sessions that needs a client."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.clients.handshake.navigation import redeem
from greffier.server.clients.handshake.refresh import Cookies, session_cookies
from greffier.server.clients.handshake.refresh import refresh_session as refresh
from greffier.server.clients.identity import insert_client
from greffier.server.clients.identity import verify_client as find_by_token
from greffier.server.clients.queries import COUNT, GET, LIST
from greffier.server.clients.requests import (
    HandshakePayloadQuery,
    RefreshRequest,
    SessionRequest,
    VerifyRequest,
)
from greffier.server.clients.resources import BackendClient, backend_client
from greffier.server.sessions import lifecycle
from greffier.server.sessions.active_organization import require_membership
from greffier.server.sessions.resources import BackendSession, Token, backend_session
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.pagination import Page, PaginatedQuery, page_of


class HandshakePayload(msgspec.Struct):
    """`Set-Cookie` lines for the application's own host."""

    directives: list[str]


@backend_api.get("/v1/clients")
async def get_client_list(ctx: Context, query: PaginatedQuery) -> list[BackendClient] | Page[BackendClient]:
    async def count() -> int:
        return await ctx.db.one(COUNT, instance_id=ctx.instance.id) or 0

    rows = await ctx.db.all(LIST, instance_id=ctx.instance.id, limit=query.limit, offset=query.offset)
    return await page_of(query, [await backend_client(ctx, row) for row in rows], count)


@backend_api.get("/v1/clients/handshake_payload")
async def get_handshake_payload(ctx: Context, query: HandshakePayloadQuery) -> HandshakePayload:
    return HandshakePayload(await redeem(ctx, query.nonce))


@backend_api.get("/v1/clients/{client_id}")
async def get_client(ctx: Context, client_id: str) -> BackendClient:
    row = await ctx.db.one(GET, instance_id=ctx.instance.id, id=client_id)
    if row is None:
        raise errors.not_found("client")
    return await backend_client(ctx, row)


@backend_api.post("/v1/clients/verify")
async def verify_client(ctx: Context, params: VerifyRequest) -> BackendClient:
    row = await find_by_token(ctx, params.token)
    if row is None:
        raise errors.not_found("client")
    return await backend_client(ctx, row)


@backend_api.post("/v1/sessions")
async def create_session(ctx: Context, params: SessionRequest) -> BackendSession:
    """Create a session without a sign-in: for tests, refused in production."""
    if not ctx.instance.is_development:
        raise errors.development_only()
    organization_id = None
    if params.active_organization_id:
        membership = await require_membership(ctx, params.user_id, params.active_organization_id)
        organization_id = membership.organization.id
    client, _secret = await insert_client(ctx)
    with errors.answered_with(400, instead_of=403):  # banned or locked
        session = await lifecycle.create_session(
            ctx, params.user_id, client.id, organization_id=organization_id
        )
    return backend_session(ctx, session)


@backend_api.post("/v1/sessions/{session_id}/refresh")
async def refresh_session(ctx: Context, session_id: str, params: RefreshRequest) -> Token | Cookies:
    token = await refresh(ctx, session_id, params)
    if params.format == "cookie":
        return session_cookies(ctx, token, params.request_origin)
    return Token(jwt=token)
