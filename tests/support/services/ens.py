"""An Ethereum Name Service on a chain of a test: a registry, and resolvers that say what tests want."""

from __future__ import annotations

from greffier.server.identifications.web3_wallets.ens.records import namehash, reverse_node
from tests.support.services.evm import Evm, call_data


class NameService:
    """A registry of its own, with an honest resolver."""

    def __init__(self, evm: Evm) -> None:
        self._evm = evm
        self.registry = evm.deploy("NameRegistry")
        self.resolver = evm.deploy("NameResolver")

    def register(self, name: str, address: str, *, avatar: str | None = None) -> None:
        """A name of an address. It does not make the address say so (`claim`)."""
        node = namehash(name)
        self._resolve(node, self.resolver)
        self._evm.invoke(self.resolver, "setAddr(bytes32,address)", node.hex(), address)
        self.set_avatar(name, avatar or "")

    def claim(self, address: str, name: str) -> None:
        """The address says that this is its name; true or not."""
        node = reverse_node(address)
        self._resolve(node, self.resolver)
        self._evm.send(self.resolver, _with_text("setName(bytes32,string)", node, name))

    def set_avatar(self, name: str, avatar: str) -> None:
        self._evm.send(self.resolver, _with_text("setAvatar(bytes32,string)", namehash(name), avatar))

    def resolve_by(self, address: str, contract: str) -> None:
        """The address has another contract, by its name, say its name."""
        self._resolve(reverse_node(address), self._evm.deploy(contract))

    def resolve_name_by(self, name: str, contract: str) -> None:
        self._resolve(namehash(name), self._evm.deploy(contract))

    def _resolve(self, node: bytes, resolver: str) -> None:
        self._evm.invoke(self.registry, "setResolver(bytes32,address)", node.hex(), resolver)


def _with_text(function: str, node: bytes, text: str) -> str:
    data = text.encode()
    return call_data(function, node.hex(), 64, len(data)) + data.hex() + "00" * (-len(data) % 32)
