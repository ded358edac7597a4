"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.identifications.tables import IdentificationRow, identifications
from greffier.server.identifications.web3_wallets.reading import NAME as WALLET
from greffier.server.store.statements import Statement, insert, update
from greffier.server.token_gates.tables import (
    TokenBalanceRow,
    TokenGateCheckRow,
    token_balances,
    token_gate_checks,
)

_BALANCES = sa.select(token_balances).where(
    token_balances.c.user_id == bindparam("user_id"), token_balances.c.instance_id == bindparam("instance_id")
)

BALANCES_OF_USER = Statement(_BALANCES, TokenBalanceRow)
INSERT_BALANCE = insert(token_balances, bookkeeping=True)
UPDATE_BALANCE = update(token_balances, bookkeeping=True)

WALLETS_OF_USER = Statement(
    sa.select(identifications)
    .where(
        identifications.c.user_id == bindparam("user_id"),
        identifications.c.instance_id == bindparam("instance_id"),
        identifications.c.kind == WALLET,
        identifications.c.claimed == sa.true(),
        identifications.c.reserved == sa.false(),
    )
    .order_by(identifications.c.created_at, identifications.c.id),
    IdentificationRow,
)
"""The verified ones."""

FIND_CHECK = Statement(
    sa.select(token_gate_checks).where(
        token_gate_checks.c.user_id == bindparam("user_id"),
        token_gate_checks.c.instance_id == bindparam("instance_id"),
    ),
    TokenGateCheckRow,
)
INSERT_CHECK = insert(token_gate_checks, bookkeeping=True)
CLAIM_CHECK: Statement[None] = Statement(
    sa.update(token_gate_checks)
    .where(
        token_gate_checks.c.user_id == bindparam("of_user"),
        token_gate_checks.c.instance_id == bindparam("of_instance"),
        token_gate_checks.c.asked_at <= bindparam("before"),
    )
    .values(asked_at=bindparam("now")),
    bookkeeping=True,
)
"""One of those who want to ask at the same time changes a row."""
