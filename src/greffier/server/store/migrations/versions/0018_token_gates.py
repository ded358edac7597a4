"""Balances of wallets are kept for token gates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    wallet = _key("token_balances", "wallet_id", "identifications")
    op.create_table(
        "token_balances",
        *_begin("token_balances"),
        sa.Column("wallet_id", sa.Text(), wallet, nullable=False),
        sa.Column("holding", sa.Text(), nullable=False),
        sa.Column("amount", sa.Text(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_token_balances"),
        sa.UniqueConstraint("wallet_id", "holding", name="uq_token_balances_wallet_id_holding"),
    )
    op.create_index("ix_token_balances_user", "token_balances", ["user_id", "instance_id"])
    op.create_index("ix_token_balances_read", "token_balances", ["instance_id", "read_at", "id"])
    op.create_table(
        "token_gate_checks",
        *_begin("token_gate_checks"),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_token_gate_checks"),
        sa.UniqueConstraint("user_id", name="uq_token_gate_checks_user_id"),
    )
    op.create_index("ix_token_gate_checks_asked", "token_gate_checks", ["instance_id", "asked_at", "id"])


def _begin(table: str) -> list[sa.Column[str]]:
    return [
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), _key(table, "instance_id", "instances"), nullable=False),
        sa.Column("user_id", sa.Text(), _key(table, "user_id", "users"), nullable=False),
    ]


def _key(table: str, column: str, referred: str) -> sa.ForeignKey:
    name = f"fk_{table}_{column}_{referred}"
    return sa.ForeignKey(f"{referred}.id", ondelete="CASCADE", name=name)
