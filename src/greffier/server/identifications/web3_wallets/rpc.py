"""Questions to the servers of a chain: JSON-RPC 2.0 in batches. Whatever cannot be trusted is no answer."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec

from greffier.server.identifications.web3_wallets.chains.balances import Balances, RpcCall
from greffier.server.outgoing import Unreachable, post
from greffier.server.web.instance.instance import Instance
from greffier.server.web.instance.web3_settings import RpcServers

log = logging.getLogger("greffier.web3")

MAX_CALLS = 100
"""Calls of one request; public servers refuse longer batches."""
_JSON = {"content-type": "application/json", "accept": "application/json"}


class Silent(Exception):
    """No server of the chain gave a usable answer."""


class Refused(msgspec.Struct, frozen=True):
    """The error of one call of a batch."""

    message: str


def servers_of(instance: Instance, chain: str, network: str) -> RpcServers | None:
    """Returns the servers that the settings name for a chain."""
    found = (one for one in instance.settings.web3.rpc if (one.chain, one.network) == (chain, network))
    return next(found, None)


async def ask(
    instance: Instance, balances: Balances, servers: RpcServers, calls: Sequence[RpcCall]
) -> list[Any]:
    """The result of each call, or `Refused`. The first server that answers all of them, and is of the right
    chain, counts.

    Raises:
        Silent: none did.
    """
    results: list[Any] = []
    for start in range(0, len(calls), MAX_CALLS - 1):
        part = [balances.network_call(), *calls[start : start + MAX_CALLS - 1]]
        results += await _ask_in_turn(instance, balances, servers, part)
    return results


async def _ask_in_turn(
    instance: Instance, balances: Balances, servers: RpcServers, calls: list[RpcCall]
) -> list[Any]:
    for url in servers.urls:
        try:
            network, *results = await batch(instance, servers, url, calls)
        except Unreachable as error:
            problem = f"{error}"
        else:
            if balances.is_network(servers.network, network):
                return results
            problem = "it is of another chain"
        log.warning(
            "%s %s: no answer of %s: %s", servers.chain, servers.network, urlsplit(url).hostname, problem
        )
    raise Silent(f"{servers.chain} {servers.network}")


async def batch(instance: Instance, servers: RpcServers, url: str, calls: list[RpcCall]) -> list[Any]:
    """The results of one server, or `Refused` for each, in the order of the calls.

    Raises:
        Unreachable: it did not answer all of them.
    """
    sent = [
        {"jsonrpc": "2.0", "id": number, "method": call.method, "params": call.params}
        for number, call in enumerate(calls)
    ]
    answer = await post(
        url.replace("{secret_key}", servers.secret_key or ""),
        msgspec.json.encode(sent),
        _JSON,
        seconds=servers.timeout_ms / 1000,
        public_only=not instance.is_development and not servers.private_addresses,
    )
    if answer.status != 200:
        raise Unreachable(f"status {answer.status}")
    try:
        by_number = {one["id"]: one for one in cast(list[dict[str, Any]], msgspec.json.decode(answer.body))}
        return [_result(by_number[number]) for number in range(len(calls))]
    except (KeyError, TypeError, ValueError, msgspec.DecodeError) as error:
        raise Unreachable(type(error).__name__) from None


def _result(answer: dict[str, Any]) -> Any:
    if (error := answer.get("error")) is not None:
        return Refused(str(error["message"]))
    return answer["result"]
