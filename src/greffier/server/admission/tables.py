"""Tables of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import (
    boolean,
    id_column,
    instance_column,
    integer,
    json,
    metadata,
    millis,
    text,
)

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
    sa.Index("ix_sign_in_tokens_expire", "instance_id", "expire_at", "id"),
)


class SignInTokenRow(Row, frozen=True):
    """`status` is `pending`, `accepted` or `revoked`. With an `actor` it is an actor token: another user
    signs in as this user, for `session_lifetime` seconds.
    """

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
    sa.Index("ix_testing_tokens_expire", "instance_id", "expire_at", "id"),
)


class TestingTokenRow(Row, frozen=True):
    id: str
    instance_id: str
    token_hash: str
    expire_at: int


invitations = sa.Table(
    "invitations",
    metadata,
    id_column(),
    instance_column(),
    text("email_address"),
    text("canonical"),
    text("status"),
    boolean("is_exclusive"),
    json("public_metadata"),
    text("redirect_url", null=True),
    text("token_hash"),
    millis("expire_at"),
    millis("created_at"),
    millis("updated_at"),
    sa.UniqueConstraint("instance_id", "token_hash"),
    sa.Index("ix_invitations_created", "instance_id", "created_at"),
    sa.Index("ix_invitations_canonical", "instance_id", "canonical"),
)
# Of parallel requests for an exclusive invitation of one address, one succeeds.
sa.Index(
    "uq_invitations_exclusive",
    invitations.c.instance_id,
    invitations.c.canonical,
    unique=True,
    sqlite_where=invitations.c.is_exclusive == sa.true(),
)


class InvitationRow(Row, frozen=True):
    """`status` is `pending`, `accepted` or `revoked`; whether a pending one has expired, the clock says.
    `is_exclusive`: pending, and made on the condition that there is no other for the address."""

    id: str
    instance_id: str
    email_address: str
    canonical: str
    status: str
    is_exclusive: bool
    public_metadata: dict[str, Any]
    redirect_url: str | None
    token_hash: str
    expire_at: int
    created_at: int
    updated_at: int
