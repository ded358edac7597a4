"""Table of backup codes."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import id_column, instance_column, json, metadata, millis, text

backup_codes = sa.Table(
    "backup_codes",
    metadata,
    id_column(),
    instance_column(),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    text("salt"),
    json("digests"),
    millis("created_at"),
    millis("updated_at"),
    sa.UniqueConstraint("user_id"),
)


class BackupCodesRow(Row, frozen=True):
    """Digests of the backup codes that a user has left: of argon2id with `salt`, or bcrypt's own string."""

    id: str
    instance_id: str
    user_id: str
    salt: str
    digests: list[str]
    created_at: int
    updated_at: int
