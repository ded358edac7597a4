"""Satellite domains: their hosts, what they know clients by, and hand-overs from the primary domain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_23_twin_domains"
down_revision = "2026_11_23_transfers"


def upgrade() -> None:
    op.add_column("instance_hosts", sa.Column("satellite_domain", sa.Text(), nullable=True))
    op.add_column("instance_hosts", sa.Column("proxy_url", sa.Text(), nullable=True))
    op.create_table(
        "satellite_client_secrets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.id"],
            name="fk_satellite_client_secrets_client_id_clients",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["instances.id"],
            name="fk_satellite_client_secrets_instance_id_instances",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_satellite_client_secrets"),
    )
    op.create_index(
        "ix_satellite_client_secrets_hash",
        "satellite_client_secrets",
        ["client_id", "secret_hash"],
        unique=False,
    )
    op.create_table(
        "satellite_links",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("state_hash", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("redirect_url", sa.Text(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expire_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["instances.id"],
            name="fk_satellite_links_instance_id_instances",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_satellite_links"),
        sa.UniqueConstraint("token_hash", name="uq_satellite_links_token_hash"),
    )
    op.create_index(
        "ix_satellite_links_expire", "satellite_links", ["instance_id", "expire_at"], unique=False
    )
