"""Users have accounts at other sites."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def upgrade() -> None:
    name = "external_accounts"
    instance = sa.ForeignKey("instances.id", ondelete="CASCADE", name=f"fk_{name}_instance_id_instances")
    user = sa.ForeignKey("users.id", ondelete="CASCADE", name=f"fk_{name}_user_id_users")
    op.create_table(
        name,
        _text("id"),
        sa.Column("instance_id", sa.Text(), instance, nullable=False),
        sa.Column("user_id", sa.Text(), user, nullable=False),
        _text("provider"),
        _text("provider_user_id", null=True),
        _text("email_address", null=True),
        sa.Column("email_verified", sa.Boolean(create_constraint=False), nullable=False),
        *(_text(field, null=True) for field in ("first_name", "last_name", "username", "image_url")),
        _text("approved_scopes"),
        _text("verification_id", null=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint(
            "instance_id",
            "provider",
            "provider_user_id",
            name=f"uq_{name}_instance_id_provider_provider_user_id",
        ),
    )
    op.create_index(f"ix_{name}_user", name, ["user_id", "created_at", "id"])
    op.create_index(f"ix_{name}_created", name, ["instance_id", "created_at", "id"])
