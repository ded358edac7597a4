"""Tables of this room."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import id_column, instance_column, metadata, millis, text

session_links = sa.Table(
    "session_links",
    metadata,
    id_column(),
    instance_column(),
    sa.Column("session_id", sa.Text, sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    text("token_hash", unique=True),
    millis("expire_at"),
    millis("created_at"),
    sa.Index("ix_session_links_session", "session_id"),
    sa.Index("ix_session_links_expire", "instance_id", "expire_at", "id"),
)


class SessionLinkRow(Row, frozen=True):
    """A link of a notice, which ends a session once. It is deleted by its use."""

    id: str
    instance_id: str
    session_id: str
    token_hash: str
    expire_at: int
    created_at: int
