"""Wire resource of wallets."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.identifications.queries import Identification
from greffier.server.identifications.web3_wallets.ens.kept import name_of
from greffier.server.instances.environment import PUBLISHED_WALLET_STRATEGIES
from greffier.server.verifications.resources import Verification, verification_shown


class Web3Wallet(msgspec.Struct, kw_only=True):
    """Both faces say the same of a wallet. Contract: `Web3Wallet`, `Client.Web3Wallet`.

    Args:
        ens_name: additional, and absent while there is none.
    """

    id: str
    object: Literal["web3_wallet"] = "web3_wallet"
    web3_wallet: str
    verification: Verification | None
    created_at: int
    updated_at: int
    ens_name: str | msgspec.UnsetType = msgspec.UNSET


_ANY_WALLET = "web3_metamask_signature"
"""To SDKs this is whatever wallet the browser has."""


def web3_wallet_resource(found: Identification, *, now: int) -> Web3Wallet:
    shown = verification_shown(found.verification, now=now)
    if shown is not None and shown.strategy.startswith("web3_"):
        # SDKs of the Backend API refuse a strategy that the contract does not name, and browser components
        # hide the wallet.
        known = shown.strategy in PUBLISHED_WALLET_STRATEGIES
        shown.strategy = shown.strategy if known else _ANY_WALLET
    return Web3Wallet(
        id=found.row.id,
        web3_wallet=found.row.value,
        verification=shown,
        created_at=found.row.created_at,
        updated_at=found.row.updated_at,
        ens_name=(name_of(found.row) if found.verified else None) or msgspec.UNSET,
    )
