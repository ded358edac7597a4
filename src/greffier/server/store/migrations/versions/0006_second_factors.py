"""Users have authenticator apps and backup codes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_TIMES = ("totp_enabled_at", "backup_codes_enabled_at", "mfa_enabled_at", "mfa_disabled_at")


def _table_of_users(name: str, *columns: sa.Column[Any]) -> None:
    instance = sa.ForeignKey("instances.id", ondelete="CASCADE", name=f"fk_{name}_instance_id_instances")
    user = sa.ForeignKey("users.id", ondelete="CASCADE", name=f"fk_{name}_user_id_users")
    op.create_table(
        name,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), instance, nullable=False),
        sa.Column("user_id", sa.Text(), user, nullable=False),
        *columns,
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("user_id", name=f"uq_{name}_user_id"),
    )


def upgrade() -> None:
    for name in _TIMES:
        op.add_column("users", sa.Column(name, sa.BigInteger()))
    _table_of_users(
        "totp_secrets",
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("last_step", sa.BigInteger()),
    )
    _table_of_users(
        "backup_codes",
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("digests", _JSON, nullable=False),
    )
