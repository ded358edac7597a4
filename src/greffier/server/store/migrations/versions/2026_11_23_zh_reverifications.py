"""Signed-in people prove once more who they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_zh_reverifications"
down_revision = "2026_11_23_zg_organization_keys"


def upgrade() -> None:
    op.create_table(
        "reverifications",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("first_factor_verification_id", sa.Text(), nullable=True),
        sa.Column("second_factor_verification_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["instances.id"],
            name="fk_reverifications_instance_id_instances",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name="fk_reverifications_session_id_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reverifications"),
        sa.UniqueConstraint("session_id", name="uq_reverifications_session_id"),
    )
