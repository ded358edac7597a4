"""Clients on the wire."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.clients.tables import ClientRow
from greffier.server.sessions.lifecycle import live_sessions
from greffier.server.sessions.resources import (
    BackendSession,
    FrontendSession,
    backend_session,
    frontend_session,
)
from greffier.server.sign_ins.attempts import current_sign_in
from greffier.server.sign_ins.resources import SignIn, sign_in_resource
from greffier.server.sign_ups.attempts import current_sign_up
from greffier.server.sign_ups.resources import SignUp, sign_up_resource
from greffier.server.web.context import Context


class FrontendClient(msgspec.Struct, kw_only=True):
    """Contract: `Client.Client`."""

    object: Literal["client"] = "client"
    id: str
    sessions: list[FrontendSession]
    sign_in: SignIn | None
    sign_up: SignUp | None
    last_active_session_id: str | None
    last_authentication_strategy: str | None
    cookie_expires_at: int | None = None
    captcha_bypass: bool
    created_at: int
    updated_at: int


class BackendClient(msgspec.Struct, kw_only=True):
    """Contract: `Client`."""

    object: Literal["client"] = "client"
    id: str
    session_ids: list[str]
    sessions: list[BackendSession]
    sign_in_id: str | None
    sign_up_id: str | None
    last_active_session_id: str | None
    last_authentication_strategy: str | None
    updated_at: int
    created_at: int


async def frontend_client(ctx: Context, row: ClientRow) -> FrontendClient:
    rows = await live_sessions(ctx, row.id)
    selected = max(rows, key=lambda s: (s.selected_at, s.id), default=None)
    sign_in = await current_sign_in(ctx, row.id)
    sign_up = await current_sign_up(ctx, row.id)
    return FrontendClient(
        id=row.id,
        # One token is enough: the browser asks for the others when it switches.
        sessions=[await frontend_session(ctx, s, with_token=s is selected) for s in rows],
        sign_in=await sign_in_resource(ctx, sign_in) if sign_in else None,
        sign_up=await sign_up_resource(ctx, sign_up) if sign_up else None,
        last_active_session_id=selected.id if selected else None,
        last_authentication_strategy=row.last_authentication_strategy,
        captcha_bypass=ctx.testing_token,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


async def backend_client(ctx: Context, row: ClientRow) -> BackendClient:
    rows = await live_sessions(ctx, row.id)
    selected = max(rows, key=lambda s: (s.selected_at, s.id), default=None)
    sign_in = await current_sign_in(ctx, row.id)
    sign_up = await current_sign_up(ctx, row.id)
    return BackendClient(
        id=row.id,
        session_ids=[s.id for s in rows],
        sessions=[backend_session(ctx, s) for s in rows],
        sign_in_id=sign_in.id if sign_in else None,
        sign_up_id=sign_up.id if sign_up else None,
        last_active_session_id=selected.id if selected else None,
        last_authentication_strategy=row.last_authentication_strategy,
        updated_at=row.updated_at,
        created_at=row.created_at,
    )
