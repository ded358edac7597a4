"""Ethereum and the chains that share its addresses (EVM): EIP-55, EIP-191 and EIP-4361."""

from __future__ import annotations

import re
from typing import ClassVar

from greffier.server import errors
from greffier.server.identifications.web3_wallets.chains.balances import Balances, RpcCall
from greffier.server.identifications.web3_wallets.chains.chain import Chain
from greffier.server.identifications.web3_wallets.chains.contract_wallets import is_valid, validity_call
from greffier.server.identifications.web3_wallets.chains.ethereum_balances import EthereumBalances
from greffier.server.identifications.web3_wallets.rpc import Silent, ask, servers_of
from greffier.server.web.context import Context
from greffier.server.web.instance.web3_settings import RpcServers

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2}){1,16384}")
_LENGTH = 65
"""Bytes of a signature by a key. Contracts take any."""
_BALANCES = EthereumBalances()
_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
"""Of the group of secp256k1 (SEC 2, section 2.4.1)."""
_V = {0: 0, 1: 1, 27: 0, 28: 1}
"""The last byte of a signature, and which of two keys it means. Some wallets leave out the 27."""


def keccak_256(data: bytes) -> bytes:
    """The hash of Ethereum, which is not SHA3-256."""
    from Crypto.Hash import keccak  # not there without the extra `web3`

    return keccak.new(digest_bits=256, data=data).digest()


def checksummed(address: str) -> str:
    """Returns an address with the checksum of EIP-55 in the case of its letters."""
    digits = address[2:].lower()
    digest = keccak_256(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if int(nibble, 16) >= 8 else digit
        for digit, nibble in zip(digits, digest, strict=False)
    )


def personal_message_hash(message: str) -> bytes:
    """Returns what `personal_sign` signs (EIP-191, version `E`)."""
    data = message.encode()
    return keccak_256(b"\x19Ethereum Signed Message:\n%d%b" % (len(data), data))


def recovered_address(digest: bytes, signature: bytes) -> str | None:
    """Returns the address in lower case whose key has signed, if there is one.

    Args:
        signature: `r`, `s` and `v`, 65 bytes.
    """
    from coincurve import PublicKey  # not there without the extra `web3`

    s, recovery = int.from_bytes(signature[32:64]), _V.get(signature[64])
    # Of the two valid `s` the lower alone counts (EIP-2), so that no attacker makes another signature of it.
    if recovery is None or s > _ORDER // 2:
        return None
    try:
        key = PublicKey.from_signature_and_message(signature[:64] + bytes([recovery]), digest, hasher=None)
    except Exception:  # the library raises `Exception` itself
        return None
    return "0x" + keccak_256(key.format(compressed=False)[1:])[-20:].hex()


class Ethereum(Chain):
    """Addresses are compared without case. The checksum in the case of letters is shown, and checked where
    there is one."""

    name: ClassVar[str] = "ethereum"
    title: ClassVar[str] = "Ethereum"
    wallets: ClassVar[tuple[str, ...]] = ("metamask", "coinbase_wallet", "base", "okx_wallet", "ethereum")
    default_network: ClassVar[str] = "1"
    balances: ClassVar[Balances | None] = _BALANCES
    packages: ClassVar[tuple[str, ...]] = ("coincurve", "Crypto.Hash.keccak")

    def recognises(self, text: str) -> bool:
        return _ADDRESS.fullmatch(text) is not None

    def read(self, text: str) -> str:
        digits = text[2:]
        address = checksummed(text)
        if digits not in (digits.lower(), digits.upper()) and text != address:
            raise ValueError("the checksum is wrong (EIP-55)")
        return address

    def canonical(self, text: str) -> str:
        return text.lower()

    async def verifies(self, ctx: Context, network: str, address: str, message: str, signature: str) -> bool:
        """By the key of the address; else by its contract, if a server can be asked for that."""
        if not _HEX.fullmatch(signature):
            return False
        digest, raw = personal_message_hash(message), bytes.fromhex(signature[2:])
        if len(raw) == _LENGTH and recovered_address(digest, raw) == self.canonical(address):
            return True
        servers = servers_of(ctx.instance, self.name, network)
        if servers is not None:
            call = validity_call(self.canonical(address), digest, raw)
            return is_valid(await self._answer(ctx, servers, call))
        if len(raw) > _LENGTH:
            raise errors.contract_wallet_unverifiable()
        return False

    async def _answer(self, ctx: Context, servers: RpcServers, call: RpcCall) -> object:
        try:
            (answer,) = await ask(ctx.instance, _BALANCES, servers, [call])
        except Silent:
            raise errors.contract_wallet_unverifiable() from None
        return answer


CHAIN = Ethereum()
