"""Users have trusted devices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_NAME = "trusted_devices"


def upgrade() -> None:
    instance = sa.ForeignKey("instances.id", ondelete="CASCADE", name=f"fk_{_NAME}_instance_id_instances")
    user = sa.ForeignKey("users.id", ondelete="CASCADE", name=f"fk_{_NAME}_user_id_users")
    op.create_table(
        _NAME,
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), instance, nullable=False),
        sa.Column("user_id", sa.Text(), user, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("app_identifier", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("public_key", _JSON, nullable=False),
        sa.Column("thumbprint", sa.Text(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{_NAME}"),
        sa.UniqueConstraint("instance_id", "thumbprint", name=f"uq_{_NAME}_instance_id_thumbprint"),
    )
    op.create_index(f"ix_{_NAME}_user", _NAME, ["user_id"])
