"""The tokens that other sites gave for accounts of users."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _millis(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def upgrade() -> None:
    name = "provider_tokens"
    instance = sa.ForeignKey("instances.id", ondelete="CASCADE", name=f"fk_{name}_instance_id_instances")
    account = sa.ForeignKey(
        "external_accounts.id", ondelete="SET NULL", name=f"fk_{name}_account_id_external_accounts"
    )
    op.create_table(
        name,
        _text("id"),
        sa.Column("instance_id", sa.Text(), instance, nullable=False),
        sa.Column("account_id", sa.Text(), account, nullable=True),
        _text("provider"),
        _text("provider_user_id"),
        _text("access_token"),
        _text("refresh_token", null=True),
        _text("id_token", null=True),
        _text("scopes"),
        *(_millis(f, null=True) for f in ("expire_at", "refreshing_until", "refresh_failed_at", "revoke_at")),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _millis("created_at"),
        _millis("updated_at"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("account_id", name=f"uq_{name}_account_id"),
    )
    op.create_index(f"ix_{name}_named", name, ["instance_id", "provider", "provider_user_id"])
    op.create_index(f"ix_{name}_due", name, ["revoke_at"])
    op.create_index(f"ix_{name}_updated", name, ["instance_id", "updated_at", "id"])
