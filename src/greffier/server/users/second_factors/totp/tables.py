"""Table of authenticator apps."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server.store.sealing import sealed_text
from greffier.server.store.statements import Row
from greffier.server.store.tables import boolean, id_column, instance_column, metadata, millis

totp_secrets = sa.Table(
    "totp_secrets",
    metadata,
    id_column(),
    instance_column(),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sealed_text("secret", owner="totp:{instance_id}:{user_id}"),
    boolean("verified"),
    millis("last_step", null=True),
    millis("created_at"),
    millis("updated_at"),
    sa.UniqueConstraint("user_id"),
)


class TotpRow(Row, frozen=True):
    """The secret of a user's authenticator app, encrypted. `last_step` is the time step of the last code that
    was accepted: none of it or before is accepted again."""

    id: str
    instance_id: str
    user_id: str
    secret: str
    verified: bool
    last_step: int | None
    created_at: int
    updated_at: int
