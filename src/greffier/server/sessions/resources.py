"""Sessions and tokens on the wire."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.server import errors
from greffier.server.sessions.activity import device_list_activity, shown_activity
from greffier.server.sessions.lifecycle import is_usable, status_of
from greffier.server.sessions.tables import SessionRow
from greffier.server.sessions.tasks import understands_tasks
from greffier.server.sessions.tokens.claims import factor_verification_age
from greffier.server.sessions.tokens.minting import token_that_fits
from greffier.server.users.lookup import find_user
from greffier.server.users.resources import FrontendUser, PublicUserData, frontend_user, public_user_data
from greffier.server.web.context import Context


class Token(msgspec.Struct, kw_only=True):
    object: Literal["token"] = "token"
    jwt: str


class SessionTask(msgspec.Struct):
    key: str


class SessionBase(msgspec.Struct, kw_only=True):
    id: str
    object: Literal["session"] = "session"
    status: str
    expire_at: int
    abandon_at: int
    last_active_at: int
    actor: dict[str, Any] | None
    tasks: list[SessionTask] | msgspec.UnsetType | None


class FrontendSession(SessionBase, kw_only=True):
    """Contract: `Client.Session`."""

    last_active_token: Token | None
    last_active_organization_id: str | None
    user: FrontendUser
    public_user_data: PublicUserData
    factor_verification_age: list[int]
    created_at: int
    updated_at: int


class ActiveSession(SessionBase, kw_only=True):
    """A session among the user's devices. Contract: `Client.ActiveSession`."""

    last_active_organization_id: str | None
    latest_activity: dict[str, Any]
    created_at: int
    updated_at: int


class BackendSession(SessionBase, kw_only=True):
    """Contract: `Session`."""

    client_id: str
    user_id: str
    last_active_organization_id: str | None
    latest_activity: dict[str, Any]
    created_at: int
    updated_at: int


def _tasks(row: SessionRow) -> list[SessionTask] | None:
    return [SessionTask(key) for key in row.tasks] if row.tasks else None


def _base(ctx: Context, row: SessionRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "status": status_of(row, ctx.now),
        "expire_at": row.expire_at,
        "abandon_at": row.abandon_at,
        "last_active_at": row.last_active_at,
        "actor": row.actor,
        "tasks": _tasks(row) if understands_tasks(ctx) else msgspec.UNSET,
        # Browsers ask for tokens of the one that they are shown, and while organizations are off get none.
        "last_active_organization_id": row.last_active_organization_id
        if ctx.instance.settings.organizations.enabled
        else None,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


async def frontend_session(ctx: Context, row: SessionRow, *, with_token: bool = True) -> FrontendSession:
    """A session of this client, with its user, and a token that spares the browser a request."""
    user = await find_user(ctx, row.user_id)
    if user is None:
        raise errors.session_not_found()
    shown = await frontend_user(ctx, user)
    jwt = await token_that_fits(ctx, row) if with_token and is_usable(ctx, row) else None
    return FrontendSession(
        **_base(ctx, row),
        last_active_token=None if jwt is None else Token(jwt=jwt),
        user=shown,
        public_user_data=public_user_data(user, shown),
        factor_verification_age=factor_verification_age(row, ctx.now),
    )


def active_session(ctx: Context, row: SessionRow) -> ActiveSession:
    return ActiveSession(**_base(ctx, row), latest_activity=device_list_activity(row.activity))


def backend_session(ctx: Context, row: SessionRow) -> BackendSession:
    return BackendSession(
        **_base(ctx, row),
        client_id=row.client_id,
        user_id=row.user_id,
        latest_activity=shown_activity(row.activity),
    )
