"""Tables of this room."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import id_column, instance_column, integer, metadata, millis, text

verifications = sa.Table(
    "verifications",
    metadata,
    id_column(),
    instance_column(),
    text("strategy"),
    text("status"),
    integer("attempts", null=True),
    text("code_hash", null=True),
    millis("expire_at", null=True),
    text("verified_at_client", null=True),
    text("subject_id", null=True),
    millis("created_at"),
    millis("updated_at"),
)


class VerificationRow(Row, frozen=True):
    """`status` is `unverified`, `verified`, `failed` or `expired`. `subject_id` names what is verified where
    nothing else points at the verification."""

    id: str
    instance_id: str
    strategy: str
    status: str
    attempts: int | None
    code_hash: str | None
    expire_at: int | None
    verified_at_client: str | None
    subject_id: str | None
    created_at: int
    updated_at: int
