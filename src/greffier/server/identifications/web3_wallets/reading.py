"""Addresses of wallets as wallets and people write them."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.identifications.web3_wallets.chains import chain_of
from greffier.server.verifications.identifiers import Identifier

NAME = "web3_wallet"
"""The name of this kind."""


def canonical(text: str) -> str:
    """Returns the form in which addresses are compared, of any text."""
    address = text.strip()
    chain = chain_of(address)
    return address if chain is None else chain.canonical(address)


def read_wallet(text: str, param: str = NAME) -> Identifier:
    """Raises: ApiError: 422 `form_param_format_invalid` at `param`, `form_param_nil` when empty."""
    address = text.strip()
    if not address:
        raise errors.invalid_params(errors.param_nil(param))
    chain = chain_of(address)
    if chain is None:
        raise errors.identifier_invalid(param, "Web3 wallet must be the address of a wallet.")
    try:
        value = chain.read(address)
    except ValueError as error:
        raise errors.identifier_invalid(param, f"Web3 wallet is no address: {error}.") from None
    return Identifier(NAME, value, chain.canonical(value))
