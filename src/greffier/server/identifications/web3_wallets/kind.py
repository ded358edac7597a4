"""Wallets of blockchains as a kind of identification."""

from __future__ import annotations

from greffier.server.identifications.kinds import IdentificationKind
from greffier.server.identifications.queries import Identification
from greffier.server.identifications.web3_wallets.chains import chain_of
from greffier.server.identifications.web3_wallets.reading import NAME, canonical, read_wallet
from greffier.server.identifications.web3_wallets.resources import Web3Wallet, web3_wallet_resource
from greffier.server.verifications.identifiers import Identifier
from greffier.server.web.context import Context


class Web3WalletKind(IdentificationKind):
    """Recognised by the form of its address, of whatever chain. An address is no proof: only a signature
    verifies it."""

    name = NAME
    plural = "web3_wallets"
    replaces_password = True

    def recognises(self, text: str) -> bool:
        return chain_of(text.strip()) is not None

    def read(self, ctx: Context, text: str, param: str) -> Identifier:
        return read_wallet(text, param)

    def canonical(self, text: str) -> str:
        return canonical(text)

    def masked(self, value: str) -> str:
        """As in `0x71C7***976F`."""
        return f"{value[:6]}***{value[-4:]}"

    def resource(self, found: Identification, *, now: int) -> Web3Wallet:
        return web3_wallet_resource(found, now=now)


KIND = Web3WalletKind()
