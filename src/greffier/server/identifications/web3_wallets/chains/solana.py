"""Solana: addresses are Ed25519 keys in base58, and wallets sign bare texts (Sign In With Solana)."""

from __future__ import annotations

import base64
import binascii
import re
from typing import ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from greffier.server.identifications.web3_wallets.chains.balances import Balances
from greffier.server.identifications.web3_wallets.chains.chain import Chain
from greffier.server.identifications.web3_wallets.chains.solana_balances import SolanaBalances
from greffier.server.web.context import Context

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ADDRESS = re.compile(f"[{_ALPHABET}]{{32,44}}")
_KEY_LENGTH = 32
_SIGNATURE_LENGTH = 64
_P = 2**255 - 19
_SMALL_ORDER = frozenset(
    {
        0,
        1,
        _P - 1,
        _P,
        _P + 1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    }
)
"""The `y` of the points of order 8 or less on edwards25519, as keys may write them (RFC 8032 section 5.1.3).
Every attacker can sign for such a key."""


def base58_encode(data: bytes) -> str:
    """Returns data as Bitcoin writes it: base58 without a checksum."""
    number, digits = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _ALPHABET[digit] + digits
    zeros = len(data) - len(data.lstrip(b"\0"))
    return _ALPHABET[0] * zeros + digits


def base58_decode(text: str) -> bytes:
    """Raises: ValueError: a character is none of base58."""
    number = 0
    for character in text:
        number = number * 58 + _ALPHABET.index(character)
    zeros = len(text) - len(text.lstrip(_ALPHABET[0]))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


class Solana(Chain):
    """Addresses are compared with case."""

    name: ClassVar[str] = "solana"
    title: ClassVar[str] = "Solana"
    wallets: ClassVar[tuple[str, ...]] = ("solana",)
    default_network: ClassVar[str] = "mainnet"
    balances: ClassVar[Balances | None] = SolanaBalances()

    def recognises(self, text: str) -> bool:
        return _ADDRESS.fullmatch(text) is not None and len(base58_decode(text)) == _KEY_LENGTH

    def read(self, text: str) -> str:
        key = base58_decode(text)
        if int.from_bytes(key, "little") % 2**255 in _SMALL_ORDER:
            raise ValueError("no wallet has the key of this address")
        return text

    async def verifies(self, ctx: Context, network: str, address: str, message: str, signature: str) -> bool:
        """Args: signature: base64."""
        try:
            raw = base64.b64decode(signature, validate=True)
        except (binascii.Error, ValueError):
            return False
        if len(raw) != _SIGNATURE_LENGTH:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(base58_decode(address)).verify(raw, message.encode())
        except InvalidSignature:
            return False
        return True


CHAIN = Solana()
