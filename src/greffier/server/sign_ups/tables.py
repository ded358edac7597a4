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

sign_ups = sa.Table(
    "sign_ups",
    metadata,
    id_column(),
    instance_column(),
    text("client_id"),
    text("status"),
    json("identifications"),
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
    info=shown_in_client("client_id"),
)


class SignUpRow(Row, frozen=True):
    """`status` is `missing_requirements`, `complete` or `abandoned`. `identifications` has what was given of
    each kind: `{"value": ..., "verification_id": ...}`. With an `invitation_id` its address is the one that
    was invited; `public_metadata` is what the new user is to have of the invitation."""

    id: str
    instance_id: str
    client_id: str
    status: str
    identifications: dict[str, dict[str, str | None]]
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

    def value_of(self, kind: str) -> str | None:
        """Returns the value that was given of this kind."""
        return self.identifications.get(kind, {}).get("value")

    def verification_id_of(self, kind: str) -> str | None:
        return self.identifications.get(kind, {}).get("verification_id")

    def with_verification(self, kind: str, verification_id: str) -> dict[str, dict[str, str | None]]:
        """`identifications` once what was given of this kind is being verified."""
        entry = {"value": self.value_of(kind), "verification_id": verification_id}
        return self.identifications | {kind: entry}
