"""Wire resources of token gates. They are our own: the contract has none."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.token_gates.holdings import Reason


class TokenGateStatus(msgspec.Struct, kw_only=True):
    """A gate as its user sees it.

    Args:
        minimum: decimal digits, in the smallest unit, as `balance` is.
        balance: of all verified wallets together; `None` while it is not known.
        reason: why it is shut; `None` while it is open.
        read_at: the time at which the chain was last asked about one of these wallets, in milliseconds.
    """

    object: Literal["token_gate"] = "token_gate"
    feature: str
    scope: Literal["user", "organization"]
    chain: str
    network: str
    standard: str
    contract: str | None
    token_id: str | None
    minimum: str
    balance: str | None
    open: bool
    reason: Reason | None
    read_at: int | None
