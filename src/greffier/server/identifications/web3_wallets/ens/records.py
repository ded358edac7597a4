"""Questions to the registry and the resolvers of ENS, and their answers (ENSIP-1, ENSIP-3, ENSIP-5). All that
comes back was written by the owner of a name."""

from __future__ import annotations

import re
from typing import Any

from greffier.server.identifications.web3_wallets.chains.balances import RpcCall
from greffier.server.identifications.web3_wallets.chains.contract_wallets import bytes_at
from greffier.server.identifications.web3_wallets.chains.ethereum import keccak_256

_RESOLVER = "0178b8bf"
"""`resolver(bytes32)` of the registry."""
_NAME = "691f3431"
"""`name(bytes32)` of a resolver, as the next two are."""
_ADDR = "3b3b57de"
"""`addr(bytes32)`"""
_TEXT = "59d1d43c"
"""`text(bytes32,string)`"""
_GAS = hex(2_000_000)
"""A resolver that takes more, for example because it never ends, has no answer."""
_LABEL = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_PLAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_LONGEST_NAME = 255
"""Characters."""
LONGEST_AVATAR = 32_768
"""Bytes: a picture may stand in the record itself (`data:`)."""
_ADDRESS_WORD = re.compile(r"0x0{24}[0-9a-f]{40}")


def namehash(name: str) -> bytes:
    """Returns the node of a normalized name (ENSIP-1)."""
    node = bytes(32)
    for label in reversed(name.split(".")):
        node = keccak_256(node + keccak_256(label.encode()))
    return node


def reverse_node(address: str) -> bytes:
    """Returns the node of the name under which an address says its own (ENSIP-3)."""
    return namehash(f"{address[2:].lower()}.addr.reverse")


def resolver_call(registry: str, node: bytes) -> RpcCall:
    return _call(registry, _RESOLVER + node.hex())


def name_call(resolver: str, node: bytes) -> RpcCall:
    return _call(resolver, _NAME + node.hex())


def address_call(resolver: str, node: bytes) -> RpcCall:
    return _call(resolver, _ADDR + node.hex())


def avatar_call(resolver: str, node: bytes) -> RpcCall:
    """The text record `avatar` (ENSIP-12)."""
    key = b"avatar"
    return _call(resolver, _TEXT + node.hex() + f"{64:064x}{len(key):064x}" + key.ljust(32, b"\0").hex())


def code_call(registry: str) -> RpcCall:
    """The question whether there is a contract."""
    return RpcCall("eth_getCode", [registry, "latest"])


def _call(contract: str, data: str) -> RpcCall:
    return RpcCall("eth_call", [{"to": contract, "data": "0x" + data, "gas": _GAS}, "latest"])


def read_address(answer: Any) -> str | None:
    """Returns an address in lower case; `None` for none."""
    if not isinstance(answer, str) or not _ADDRESS_WORD.fullmatch(answer.lower()) or not int(answer, 16):
        return None
    return "0x" + answer[-40:].lower()


def read_name(answer: Any) -> str | None:
    """Returns a name of plain lower-case letters, digits and single hyphens. Others would have to be
    normalized (ENSIP-15), and hold letters that look like others."""
    name = _read_text(answer, _LONGEST_NAME)
    return name if name is not None and _PLAIN.fullmatch(name) else None


def read_avatar(answer: Any) -> str | None:
    """Returns the text of an avatar record that names or holds a picture: `https:` or `data:`."""
    text = _read_text(answer, LONGEST_AVATAR)
    return text if text is not None and text.startswith(("https://", "data:image/")) else None


def _read_text(answer: Any, longest: int) -> str | None:
    """Returns a `string` (contract ABI specification) of ASCII."""
    # One offset, one length and the padding: whatever is much longer is no such text.
    if not isinstance(answer, str) or len(answer) > 2 * (longest + 128):
        return None
    try:
        found = bytes_at(bytes.fromhex(answer.removeprefix("0x")), 0)
        text = None if found is None or len(found) > longest else found.decode("ascii")
    except ValueError:
        return None
    return text or None
