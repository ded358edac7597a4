"""Sign-ins that may become sign-ups."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_transfers"
down_revision = "2026_11_23_password_tasks"


def upgrade() -> None:
    op.add_column(
        "sign_ins", sa.Column("sign_up_if_missing", sa.Boolean(create_constraint=False), nullable=True)
    )
    op.create_table(
        "transfers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("verification_id", sa.Text(), nullable=False),
        sa.Column("email_address", sa.Text(), nullable=False),
        sa.Column("expire_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name="fk_transfers_instance_id_instances", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_transfers"),
    )
    op.create_index("ix_transfers_client", "transfers", ["client_id"], unique=False)
