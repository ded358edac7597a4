"""Tables of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import id_column, instance_column, json, metadata, millis, text

sign_ups = sa.Table(
    "sign_ups",
    metadata,
    id_column(),
    instance_column(),
    text("client_id"),
    text("status"),
    text("email_address", null=True),
    text("username", null=True),
    text("email_verification_id", null=True),
    text("password_digest", null=True),
    text("first_name", null=True),
    text("last_name", null=True),
    text("locale", null=True),
    json("unsafe_metadata"),
    millis("legal_accepted_at", null=True),
    sa.Column("created_user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=True),
    text("created_session_id", null=True),
    millis("abandon_at"),
    millis("created_at"),
    millis("updated_at"),
    text("invitation_id", null=True),
    json("public_metadata", null=True),
    sa.Index("ix_sign_ups_client", "client_id", "status"),
    sa.Index("ix_sign_ups_created_user", "created_user_id"),
    sa.Index("ix_sign_ups_abandon", "instance_id", "abandon_at", "id"),
)


class SignUpRow(Row, frozen=True):
    """`status` is `missing_requirements`, `complete` or `abandoned`. With an `invitation_id` its address is
    the one that was invited; `public_metadata` is what the new user is to have of the invitation."""

    id: str
    instance_id: str
    client_id: str
    status: str
    email_address: str | None
    username: str | None
    email_verification_id: str | None
    password_digest: str | None
    first_name: str | None
    last_name: str | None
    locale: str | None
    unsafe_metadata: dict[str, Any]
    legal_accepted_at: int | None
    created_user_id: str | None
    created_session_id: str | None
    abandon_at: int
    created_at: int
    updated_at: int
    invitation_id: str | None
    public_metadata: dict[str, Any] | None
