"""JWT templates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_23_z_jwt_templates"
down_revision = "2026_11_23_twin_domains"

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "jwt_templates",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("claims", _JSON, nullable=False),
        sa.Column("lifetime", sa.Integer(), nullable=False),
        sa.Column("allowed_clock_skew", sa.Integer(), nullable=False),
        sa.Column("signing_algorithm", sa.Text(), nullable=True),
        sa.Column("signing_key", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["instances.id"],
            name="fk_jwt_templates_instance_id_instances",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_jwt_templates"),
        sa.UniqueConstraint("instance_id", "name", name="uq_jwt_templates_instance_id_name"),
    )
