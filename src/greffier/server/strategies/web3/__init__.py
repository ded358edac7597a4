"""Signatures of wallets. The families of chains (`identifications/web3_wallets/chains/`) say which wallets
there are, and what they sign."""

from __future__ import annotations

from greffier.server.strategies.strategy import StrategyProvider
from greffier.server.strategies.web3.strategy import WalletStrategies

STRATEGY: StrategyProvider = WalletStrategies()
"""The strategies `web3_<wallet>_signature`."""
