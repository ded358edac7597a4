"""Holdings of an address of Solana: its coin, and SPL tokens (https://solana.com/docs/rpc)."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from greffier.server.identifications.web3_wallets.chains.balances import Balances, Holding, RpcCall

_MINT = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}")
_GENESIS = {
    "mainnet": "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d",
    "testnet": "4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY",
    "devnet": "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG",
}
"""Hash of the first block, by chain. Any other network is the hash itself."""


class SolanaBalances(Balances):
    """The network is `mainnet`, `testnet` or `devnet`, or the hash of the first block."""

    standards: ClassVar[frozenset[str]] = frozenset({"native", "spl"})

    def network_call(self) -> RpcCall:
        return RpcCall("getGenesisHash", [])

    def is_network(self, network: str, answer: Any) -> bool:
        return answer == _GENESIS.get(network, network)

    def problem(self, holding: Holding) -> str | None:
        if holding.standard not in self.standards:
            return f"{holding.standard} is none of {', '.join(sorted(self.standards))}"
        if holding.token_id is not None:
            return "a token of Solana has no token_id"
        if holding.standard == "native":
            return "the coin of the chain has no contract" if holding.contract else None
        return None if _MINT.fullmatch(holding.contract or "") else "contract is not an address"

    def call(self, holding: Holding, address: str) -> RpcCall:
        if holding.standard == "native":
            return RpcCall("getBalance", [address])
        by_mint, form = {"mint": holding.contract}, {"encoding": "jsonParsed"}
        return RpcCall("getTokenAccountsByOwner", [address, by_mint, form])

    def read(self, holding: Holding, address: str, answer: Any) -> int:
        """An address has any number of accounts of one token."""
        value = answer["value"]
        if holding.standard == "native":
            return _amount(value)
        accounts = [account["account"]["data"]["parsed"]["info"] for account in value]
        if any(account["mint"] != holding.contract or account["owner"] != address for account in accounts):
            raise ValueError("accounts of others")
        return sum(_amount(account["tokenAmount"]["amount"]) for account in accounts)


def _amount(value: Any) -> int:
    if isinstance(value, bool) or not str(value).isascii() or not str(value).isdigit():
        raise ValueError("not a number")
    return int(value)
