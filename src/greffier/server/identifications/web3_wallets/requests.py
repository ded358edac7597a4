"""Request structs of wallets."""

from __future__ import annotations

import msgspec


class Web3WalletRequest(msgspec.Struct, kw_only=True):
    web3_wallet: str
