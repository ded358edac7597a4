"""Base of the ways to ask a chain what an address holds."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple


class Holding(NamedTuple):
    """A token, or the coin of the chain.

    Args:
        standard: `native` for the coin; others as the family names them.
        contract: the address of the token.
        token_id: decimal digits.
    """

    standard: str
    contract: str | None = None
    token_id: str | None = None


class RpcCall(NamedTuple):
    """A request of JSON-RPC 2.0."""

    method: str
    params: list[Any]


class Balances:
    """The questions that a family of chains can be asked. A family overrides all of it."""

    standards: ClassVar[frozenset[str]] = frozenset()

    def network_call(self) -> RpcCall:
        """Returns the question which chain a server is of."""
        raise NotImplementedError

    def is_network(self, network: str, answer: Any) -> bool:
        """Returns whether the answer to that names this chain."""
        raise NotImplementedError

    def problem(self, holding: Holding) -> str | None:
        """Returns why a holding cannot be asked for, if it cannot."""
        raise NotImplementedError

    def call(self, holding: Holding, address: str) -> RpcCall:
        """Returns the question how much of it an address holds."""
        raise NotImplementedError

    def read(self, holding: Holding, address: str, answer: Any) -> int:
        """Returns the amount, in the smallest unit.

        Raises:
            KeyError, TypeError, ValueError: it is no answer to that.
        """
        raise NotImplementedError

    def read_refusal(self, holding: Holding, message: str) -> int:
        """Returns the amount that an error means.

        Raises:
            ValueError: it says nothing about the amount.
        """
        raise ValueError(message)
