"""Base of families of chains: how their addresses are written, and how their wallets sign."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.util import find_spec
from typing import ClassVar

import msgspec

from greffier.server.identifications.web3_wallets.chains.balances import Balances
from greffier.server.web.context import Context


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """The facts that a wallet signs, so that the signature is good for this one purpose.

    Args:
        address: as `Chain.read` returns it.
        network: the chain of the family, such as `1` or `mainnet`.
        origin: of the page that asks; the wallet compares it with the one that it sees.
        nonce: letters and digits, at least eight (EIP-4361).
        issued_at: milliseconds, as `expires_at` is.
    """

    address: str
    network: str
    origin: str
    nonce: str
    issued_at: int
    expires_at: int


class Chain:
    """A family of chains that share addresses and signatures. A family overrides what differs."""

    name: ClassVar[str]
    """Its name in the settings."""
    title: ClassVar[str]
    """Its name in the text that people sign."""
    wallets: ClassVar[tuple[str, ...]]
    """Wallets that sign for it: each has the strategy `web3_<wallet>_signature`."""
    default_network: ClassVar[str]
    """The chain that the text names where the settings name none."""
    balances: ClassVar[Balances | None] = None
    """The questions about what an address holds, where its chains can be asked."""
    packages: ClassVar[tuple[str, ...]] = ()
    """Modules that it needs and that may be missing."""

    @property
    def is_installed(self) -> bool:
        return all(find_spec(name) is not None for name in self.packages)

    def recognises(self, text: str) -> bool:
        """Returns whether a text looks like an address of this family. No two families share any."""
        raise NotImplementedError

    def read(self, text: str) -> str:
        """Returns an address as people are shown it.

        Raises:
            ValueError: it is none, or no wallet can sign for it.
        """
        raise NotImplementedError

    def canonical(self, text: str) -> str:
        """Returns the form in which addresses are compared."""
        return text

    def message(self, proof: Proof) -> str:
        """Returns the text to sign, in ASCII: browser SDKs send one byte per character to the wallet."""
        return sign_in_text(proof, title=self.title)

    async def verifies(self, ctx: Context, network: str, address: str, message: str, signature: str) -> bool:
        """Returns whether a wallet has signed a text. It may ask the servers of a chain.

        Args:
            network: the chain that the text names.
            signature: as browser SDKs send it.

        Raises:
            ApiError: 422 when it takes a server of the chain to tell, and none answers.
        """
        raise NotImplementedError


STATEMENT = "Sign this message to prove that this wallet is yours. It costs nothing."


def sign_in_text(proof: Proof, *, title: str) -> str:
    """Returns the text of EIP-4361, which other families have taken over. The statement says nothing of what
    the application is called: that may not be ASCII."""
    lines = [
        f"{proof.origin.partition('://')[2]} wants you to sign in with your {title} account:",
        proof.address,
        "",
        STATEMENT,
        "",
        f"URI: {proof.origin}",
        "Version: 1",
        f"Chain ID: {proof.network}",
        f"Nonce: {proof.nonce}",
        f"Issued At: {_moment(proof.issued_at)}",
        f"Expiration Time: {_moment(proof.expires_at)}",
    ]
    return "\n".join(lines)


def _moment(at: int) -> str:
    """Args: at: milliseconds. Returns it by RFC 3339."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
