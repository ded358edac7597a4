"""Tables of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import (
    id_column,
    instance_column,
    json,
    metadata,
    millis,
    shown_in_client,
    text,
)

sessions = sa.Table(
    "sessions",
    metadata,
    id_column(),
    instance_column(),
    text("client_id"),
    text("user_id"),  # no foreign key: a session outlives its user, so that browsers learn it is revoked
    text("status"),
    millis("expire_at"),
    millis("abandon_at"),
    millis("last_active_at"),
    millis("selected_at"),
    text("last_active_organization_id", null=True),
    json("actor", null=True),
    millis("first_factor_at", null=True),
    millis("second_factor_at", null=True),
    json("activity"),
    millis("created_at"),
    millis("updated_at"),
    json("tasks", null=True),
    json("entitlements", null=True),
    # The instance too: otherwise SQLite prefers the index below, which is already in the order of a list.
    sa.Index("ix_sessions_client", "instance_id", "client_id", "created_at", "id"),
    sa.Index("ix_sessions_user", "instance_id", "user_id", "created_at", "id"),
    sa.Index("ix_sessions_created", "instance_id", "created_at", "id"),
    info=shown_in_client("client_id"),
)


class SessionRow(Row, frozen=True):
    """`status` is what was decided; a session that only ran out still says `active` here
    `selected_at` is when its client last made it the active one. `tasks` are what a `pending` session waits
    for, by the keys that browsers know. `entitlements` repeats the user's, for tokens are made without a look
    at the user."""

    id: str
    instance_id: str
    client_id: str
    user_id: str
    status: str
    expire_at: int
    abandon_at: int
    last_active_at: int
    selected_at: int
    last_active_organization_id: str | None
    actor: dict[str, Any] | None
    first_factor_at: int | None
    second_factor_at: int | None
    activity: dict[str, Any]
    created_at: int
    updated_at: int
    tasks: list[str] | None = None
    entitlements: dict[str, Any] | None = None


refresh_tokens = sa.Table(
    "refresh_tokens",
    metadata,
    id_column(),
    instance_column(),
    sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    text("token_hash", unique=True),
    millis("expire_at"),
    millis("created_at"),
    sa.Index("ix_refresh_tokens_session", "session_id"),
)


class RefreshTokenRow(Row, frozen=True):
    id: str
    instance_id: str
    session_id: str
    token_hash: str
    expire_at: int
    created_at: int
