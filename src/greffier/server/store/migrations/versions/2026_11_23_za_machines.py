"""Machines, their secret keys and scopes, and M2M tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_23_za_machines"
down_revision = "2026_11_23_z_jwt_templates"

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _create_machines()
    _create_secret_keys()
    _create_scopes()
    _create_tokens()


def _instance(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["instance_id"],
        ["instances.id"],
        name=f"fk_{table}_instance_id_instances",
        ondelete="CASCADE",
    )


def _machine(table: str, column: str = "machine_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["machines.id"], name=f"fk_{table}_{column}_machines", ondelete="CASCADE"
    )


def _create_machines() -> None:
    op.create_table(
        "machines",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("default_token_ttl", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        _instance("machines"),
        sa.PrimaryKeyConstraint("id", name="pk_machines"),
    )
    op.create_index("ix_machines_instance", "machines", ["instance_id", "created_at"])


def _create_secret_keys() -> None:
    op.create_table(
        "machine_secret_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("machine_id", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("expire_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        _instance("machine_secret_keys"),
        _machine("machine_secret_keys"),
        sa.PrimaryKeyConstraint("id", name="pk_machine_secret_keys"),
        sa.UniqueConstraint("key_hash", name="uq_machine_secret_keys_key_hash"),
    )
    op.create_index("ix_machine_secret_keys_machine", "machine_secret_keys", ["machine_id"])


def _create_scopes() -> None:
    op.create_table(
        "machine_scopes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("from_machine_id", sa.Text(), nullable=False),
        sa.Column("to_machine_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        _instance("machine_scopes"),
        _machine("machine_scopes", "from_machine_id"),
        _machine("machine_scopes", "to_machine_id"),
        sa.PrimaryKeyConstraint("id", name="pk_machine_scopes"),
        sa.UniqueConstraint(
            "from_machine_id", "to_machine_id", name="uq_machine_scopes_from_machine_id_to_machine_id"
        ),
    )
    op.create_index("ix_machine_scopes_to", "machine_scopes", ["to_machine_id"])


def _create_tokens() -> None:
    op.create_table(
        "m2m_tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("machine_id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("claims", _JSON, nullable=True),
        sa.Column("scopes", _JSON, nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("revocation_reason", sa.Text(), nullable=True),
        sa.Column("expire_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        _instance("m2m_tokens"),
        _machine("m2m_tokens"),
        sa.PrimaryKeyConstraint("id", name="pk_m2m_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_m2m_tokens_token_hash"),
    )
    op.create_index("ix_m2m_tokens_machine", "m2m_tokens", ["machine_id", "created_at"])
    op.create_index("ix_m2m_tokens_content", "m2m_tokens", ["machine_id", "content_hash", "expire_at"])
