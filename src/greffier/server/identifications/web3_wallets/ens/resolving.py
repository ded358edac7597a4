"""Asks for the names of wallets: four batches, however many wallets there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from greffier.server.identifications.web3_wallets.chains.balances import RpcCall
from greffier.server.identifications.web3_wallets.chains.ethereum import CHAIN as ETHEREUM
from greffier.server.identifications.web3_wallets.chains.ethereum_balances import EthereumBalances
from greffier.server.identifications.web3_wallets.ens.records import (
    address_call,
    avatar_call,
    name_call,
    namehash,
    read_address,
    read_avatar,
    read_name,
    resolver_call,
    reverse_node,
)
from greffier.server.identifications.web3_wallets.rpc import Silent, ask, servers_of
from greffier.server.web.instance.instance import Instance
from greffier.server.web.instance.web3_settings import RpcServers

_BALANCES = EthereumBalances()


class FoundName(NamedTuple):
    name: str
    avatar: str | None


async def names_of(instance: Instance, addresses: Iterable[str]) -> dict[str, FoundName]:
    """Returns the names of addresses in lower case. A name counts only if it leads back to the address:
    the owner of an address can have it say any name.

    Raises:
        Silent: no server of the chain answers, or the settings name none.
    """
    rules = instance.settings.web3.ens
    servers = servers_of(instance, ETHEREUM.name, rules.network)
    if servers is None:
        raise Silent(f"{ETHEREUM.name} {rules.network}")
    questions = _Questions(instance, servers)
    nodes = {address: reverse_node(address) for address in addresses}
    resolvers = await questions.ask(
        nodes, lambda one: resolver_call(rules.registry, nodes[one]), read_address
    )
    names = await questions.ask(resolvers, lambda one: name_call(resolvers[one], nodes[one]), read_name)
    nodes = {address: namehash(name) for address, name in names.items()}
    resolvers = await questions.ask(
        nodes, lambda one: resolver_call(rules.registry, nodes[one]), read_address
    )
    owners, avatars = await questions.ask_both(
        resolvers,
        (lambda one: address_call(resolvers[one], nodes[one]), read_address),
        (lambda one: avatar_call(resolvers[one], nodes[one]), read_avatar),
    )
    return {
        address: FoundName(names[address], avatars.get(address))
        for address, owner in owners.items()
        if owner == address
    }


_Question = tuple[Callable[[str], RpcCall], Callable[[Any], str | None]]


class _Questions:
    """Questions about addresses to one chain; whatever has no usable answer is left out."""

    def __init__(self, instance: Instance, servers: RpcServers) -> None:
        self._instance = instance
        self._servers = servers

    async def ask(
        self, about: Iterable[str], call: Callable[[str], RpcCall], read: Callable[[Any], str | None]
    ) -> dict[str, str]:
        subjects = list(about)
        if not subjects:
            return {}
        answers = await ask(self._instance, _BALANCES, self._servers, [call(one) for one in subjects])
        return _read(subjects, answers, read)

    async def ask_both(
        self, about: Iterable[str], first: _Question, second: _Question
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Two questions about each in one batch."""
        subjects = list(about)
        if not subjects:
            return {}, {}
        calls = [call(one) for call, _ in (first, second) for one in subjects]
        answers = await ask(self._instance, _BALANCES, self._servers, calls)
        half = len(subjects)
        return _read(subjects, answers[:half], first[1]), _read(subjects, answers[half:], second[1])


def _read(subjects: list[str], answers: list[Any], read: Callable[[Any], str | None]) -> dict[str, str]:
    found = {one: read(answer) for one, answer in zip(subjects, answers, strict=True)}
    return {one: text for one, text in found.items() if text is not None}
