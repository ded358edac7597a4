"""The rules of an instance's gates, without a database and without a chain: which are open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from greffier.server.identifications.web3_wallets.chains.balances import Holding
from greffier.server.token_gates.tables import TokenBalanceRow
from greffier.server.web.instance.web3_settings import TokenGate, Web3Rules

Reason = Literal["no_wallet", "not_read", "insufficient_balance"]
"""The reasons for which a gate is shut: the user has no verified wallet of its family of chains; a balance is
unknown or too old, because no server of the chain answers; the wallets hold less than the minimum."""


class Features(msgspec.Struct, frozen=True, kw_only=True):
    """The features and permissions that gates give to a user.

    Args:
        of_user: features, wherever the user is.
        of_organization: features where an organization is active.
        permissions: keys, also only there.
    """

    of_user: tuple[str, ...] = ()
    of_organization: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()


NO_FEATURES = Features()


def holding_of(gate: TokenGate) -> Holding:
    return Holding(gate.standard, gate.contract, gate.token_id)


def key_of(gate: TokenGate) -> str:
    """Returns the name of what a gate asks for: gates with another minimum share a balance."""
    contract = (gate.contract or "").lower() if gate.chain == "ethereum" else gate.contract or ""
    return "/".join((gate.chain, gate.network, gate.standard, contract, gate.token_id or ""))


def oldest_usable(rules: Web3Rules, now: int) -> int:
    """Returns the time (milliseconds) since which a balance must have been read to count."""
    return now - (rules.balance_lifetime + rules.balance_grace) * 1000


def amount_of(gate: TokenGate, balances: Iterable[TokenBalanceRow], *, since: int) -> int | None:
    """Returns what all wallets hold together; `None` when none was read since then."""
    key = key_of(gate)
    known = [int(one.amount) for one in balances if one.holding == key and one.read_at >= since]
    return sum(known) if known else None


def is_open(gate: TokenGate, amount: int | None) -> bool:
    """Returns whether an amount is enough. One that is not known never is."""
    return amount is not None and amount >= int(gate.minimum)


def features_of(rules: Web3Rules, balances: Iterable[TokenBalanceRow], now: int) -> Features:
    """Returns the features of the gates that these balances open."""
    rows, since = list(balances), oldest_usable(rules, now)
    opened = [gate for gate in rules.gates if is_open(gate, amount_of(gate, rows, since=since))]
    ours = [gate for gate in opened if gate.scope == "organization"]
    permissions = {f"org:{gate.feature}:{action}" for gate in ours for action in gate.actions}
    return Features(
        of_user=tuple(sorted({gate.feature for gate in opened if gate.scope == "user"})),
        of_organization=tuple(sorted({gate.feature for gate in ours})),
        permissions=tuple(sorted(permissions)),
    )
