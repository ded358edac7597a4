"""Tables of this room."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import id_column, instance_column, metadata, millis, text

token_balances = sa.Table(
    "token_balances",
    metadata,
    id_column(),
    instance_column(),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    # A wallet that is removed takes its balances along.
    sa.Column("wallet_id", sa.Text, sa.ForeignKey("identifications.id", ondelete="CASCADE"), nullable=False),
    text("holding"),
    text("amount"),
    millis("read_at"),
    sa.UniqueConstraint("wallet_id", "holding"),
    sa.Index("ix_token_balances_user", "user_id", "instance_id"),
    sa.Index("ix_token_balances_read", "instance_id", "read_at", "id"),
)

token_gate_checks = sa.Table(
    "token_gate_checks",
    metadata,
    id_column(),
    instance_column(),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, unique=True),
    millis("asked_at"),
    sa.Index("ix_token_gate_checks_asked", "instance_id", "asked_at", "id"),
)


class TokenBalanceRow(Row, frozen=True):
    """The amount that one wallet held when it was last read. `holding` names chain, network and token
    (`holdings.key_of`); `amount` has decimal digits, in the smallest unit."""

    id: str
    instance_id: str
    user_id: str
    wallet_id: str
    holding: str
    amount: str
    read_at: int


class TokenGateCheckRow(Row, frozen=True):
    """The time at which the chains were last asked about a user, by whatever process."""

    id: str
    instance_id: str
    user_id: str
    asked_at: int
