"""Users have passkeys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("users", sa.Column("passkeys_enabled_at", sa.BigInteger()))
    instance = sa.ForeignKey("instances.id", ondelete="CASCADE", name="fk_passkeys_instance_id_instances")
    user = sa.ForeignKey("users.id", ondelete="CASCADE", name="fk_passkeys_user_id_users")
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), instance, nullable=False),
        sa.Column("user_id", sa.Text(), user, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rp_id", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text()),
        sa.Column("public_key", sa.LargeBinary()),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", _JSON, nullable=False),
        sa.Column("aaguid", sa.Text()),
        sa.Column("backup_eligible", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("backed_up", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("verification_id", sa.Text()),
        sa.Column("last_used_at", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("instance_id", "credential_id", name="uq_passkeys_instance_id_credential_id"),
    )
    op.create_index("ix_passkeys_user", "passkeys", ["user_id"])
