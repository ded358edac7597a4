"""Invitations to sign up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_23_zd_invitations"
down_revision = "2026_11_23_zc_m2m_expiry"

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("email_address", sa.Text(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("sole", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("public_metadata", _JSON, nullable=False),
        sa.Column("redirect_url", sa.Text(), nullable=True),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("expire_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["instances.id"],
            name="fk_invitations_instance_id_instances",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("instance_id", "token_hash", name="uq_invitations_instance_id_token_hash"),
    )
    op.create_index("ix_invitations_created", "invitations", ["instance_id", "created_at"])
    op.create_index("ix_invitations_canonical", "invitations", ["instance_id", "canonical"])
    op.create_index(
        "uq_invitations_sole",
        "invitations",
        ["instance_id", "canonical"],
        unique=True,
        sqlite_where=sa.text("sole = 1"),
        postgresql_where=sa.text("sole = true"),
    )
    op.add_column("sign_ups", sa.Column("invitation_id", sa.Text(), nullable=True))
    op.add_column("sign_ups", sa.Column("public_metadata", _JSON, nullable=True))
