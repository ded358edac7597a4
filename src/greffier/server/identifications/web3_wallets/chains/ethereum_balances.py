"""Holdings of an address of Ethereum or a chain like it: its coin, ERC-20, ERC-721 and ERC-1155 (calls by the
Ethereum JSON-RPC specification, arguments by the contract ABI specification)."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from greffier.server.identifications.web3_wallets.chains.balances import Balances, Holding, RpcCall

_CONTRACT = re.compile(r"0x[0-9a-fA-F]{40}")
_WORD = re.compile(r"0x[0-9a-fA-F]{64}")
_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_BALANCE_OF = "0x70a08231"
"""`balanceOf(address)`, of ERC-20 and ERC-721."""
_BALANCE_OF_ID = "0x00fdd58e"
"""`balanceOf(address,uint256)`, of ERC-1155."""
_OWNER_OF = "0x6352211e"
"""`ownerOf(uint256)`, of ERC-721."""


class EthereumBalances(Balances):
    """The network is the chain id in decimal digits (EIP-155)."""

    standards: ClassVar[frozenset[str]] = frozenset({"native", "erc20", "erc721", "erc1155"})

    def network_call(self) -> RpcCall:
        return RpcCall("eth_chainId", [])

    def is_network(self, network: str, answer: Any) -> bool:
        return (
            isinstance(answer, str) and bool(_QUANTITY.fullmatch(answer)) and str(int(answer, 16)) == network
        )

    def problem(self, holding: Holding) -> str | None:
        if holding.standard not in self.standards:
            return f"{holding.standard} is none of {', '.join(sorted(self.standards))}"
        if holding.standard == "native":
            return "the coin of the chain has no contract" if holding.contract else None
        if not _CONTRACT.fullmatch(holding.contract or ""):
            return "contract is not an address"
        if holding.standard == "erc1155" and holding.token_id is None:
            return "erc1155 needs token_id"
        if holding.standard == "erc20" and holding.token_id is not None:
            return "erc20 has no token_id"
        return None if int(holding.token_id or 0) < 1 << 256 else "token_id has more than 256 bits"

    def call(self, holding: Holding, address: str) -> RpcCall:
        if holding.standard == "native":
            return RpcCall("eth_getBalance", [address, "latest"])
        return RpcCall("eth_call", [{"to": holding.contract, "data": _data(holding, address)}, "latest"])

    def read(self, holding: Holding, address: str, answer: Any) -> int:
        form = _QUANTITY if holding.standard == "native" else _WORD
        if not (isinstance(answer, str) and form.fullmatch(answer)):
            raise ValueError("not a number")  # `0x` where no contract is at the address
        number = int(answer, 16)
        return int(number == int(address, 16)) if _is_one_token(holding) else number

    def read_refusal(self, holding: Holding, message: str) -> int:
        """The owner of a token that does not exist is an error of the contract."""
        if _is_one_token(holding) and "revert" in message.lower():
            return 0
        raise ValueError(message)


def _is_one_token(holding: Holding) -> bool:
    return holding.standard == "erc721" and holding.token_id is not None


def _data(holding: Holding, address: str) -> str:
    owner = f"{int(address, 16):064x}"
    token = f"{int(holding.token_id or 0):064x}"
    if _is_one_token(holding):
        return _OWNER_OF + token
    return _BALANCE_OF_ID + owner + token if holding.standard == "erc1155" else _BALANCE_OF + owner
