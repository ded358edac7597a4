"""Tables of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import id_column, instance_column, integer, json, metadata, millis, text

sign_in_tokens = sa.Table(
    "sign_in_tokens",
    metadata,
    id_column(),
    instance_column(),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    text("status"),
    text("token_hash", unique=True),
    millis("expire_at"),
    json("actor", null=True),
    integer("session_lifetime", null=True),
    millis("created_at"),
    millis("updated_at"),
    sa.Index("ix_sign_in_tokens_user", "user_id"),
)


class SignInTokenRow(Row, frozen=True):
    """`status` is `pending`, `accepted` or `revoked`. With an `actor` it is an actor token: somebody else
    signs in as the user, for `session_lifetime` seconds."""

    id: str
    instance_id: str
    user_id: str
    status: str
    token_hash: str
    expire_at: int
    actor: dict[str, Any] | None
    session_lifetime: int | None
    created_at: int
    updated_at: int


testing_tokens = sa.Table(
    "testing_tokens",
    metadata,
    id_column(),
    instance_column(),
    text("token_hash", unique=True),
    millis("expire_at"),
)


class TestingTokenRow(Row, frozen=True):
    id: str
    instance_id: str
    token_hash: str
    expire_at: int
