"""Wire resource of wallets."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.identifications.queries import Identification
from greffier.server.verifications.resources import Verification, verification_shown


class Web3Wallet(msgspec.Struct, kw_only=True):
    """Both faces say the same of a wallet. Contract: `Web3Wallet`, `Client.Web3Wallet`."""

    id: str
    object: Literal["web3_wallet"] = "web3_wallet"
    web3_wallet: str
    verification: Verification | None
    created_at: int
    updated_at: int


_AS_KNOWN = {"web3_ethereum_signature": "web3_metamask_signature"}
"""SDKs of the Backend API refuse a strategy that the contract does not name, and browser components hide the
wallet. To them MetaMask is whatever wallet the browser has."""


def web3_wallet_resource(found: Identification, *, now: int) -> Web3Wallet:
    shown = verification_shown(found.verification, now=now)
    if shown is not None:
        shown.strategy = _AS_KNOWN.get(shown.strategy, shown.strategy)
    return Web3Wallet(
        id=found.row.id,
        web3_wallet=found.row.value,
        verification=shown,
        created_at=found.row.created_at,
        updated_at=found.row.updated_at,
    )
