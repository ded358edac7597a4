"""The servers of chains and the token gates that ask them. Part of `greffier doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from greffier.cli.doctor.certificate_checks import Check

if TYPE_CHECKING:
    from greffier.server.identifications.web3_wallets.chains.balances import Balances
    from greffier.server.web.instance.instance import Instance
    from greffier.server.web.instance.web3_settings import RpcServers, TokenGate


async def check_chains(instance: Instance) -> list[Check]:
    """Asks every server of every chain which one it is of, and tells gates that can never open."""
    found: list[Check] = []
    for servers in instance.settings.web3.rpc:
        subject = f"{instance.frontend_api_host} {servers.chain} {servers.network}"
        balances = _balances(servers.chain)
        if balances is None:
            found.append(Check("problem", subject, "no package knows this family of chains."))
            continue
        found += [await _server(instance, balances, servers, url, subject) for url in servers.urls]
    return found + [
        Check("problem", f"{instance.frontend_api_host} feature {gate.feature}", f"stays shut: {problem}.")
        for gate in instance.settings.web3.gates
        if (problem := _problem(instance, gate)) is not None
    ]


def _balances(chain: str) -> Balances | None:
    from greffier.server.identifications.web3_wallets.chains import chains

    family = chains().get(chain)
    return None if family is None else family.balances


async def _server(
    instance: Instance, balances: Balances, servers: RpcServers, url: str, subject: str
) -> Check:
    from greffier.server.identifications.web3_wallets.rpc import batch
    from greffier.server.outgoing import Unreachable

    host = urlsplit(url).hostname  # the rest may be a secret
    try:
        (answer,) = await batch(instance, servers, url, [balances.network_call()])
    except Unreachable as error:
        return Check("problem", subject, f"{host} does not answer: {error}")
    if not balances.is_network(servers.network, answer):
        return Check("problem", subject, f"{host} is of another chain: {answer!r}")
    return Check("ok", subject, f"{host} answers for it")


def _problem(instance: Instance, gate: TokenGate) -> str | None:
    from greffier.server.identifications.web3_wallets.rpc import servers_of
    from greffier.server.token_gates.holdings import holding_of

    balances = _balances(gate.chain)
    if balances is None:
        return f"no package knows the chains of {gate.chain}"
    if servers_of(instance, gate.chain, gate.network) is None:
        return f"web3.rpc names no server of {gate.chain} {gate.network}"
    return balances.problem(holding_of(gate))
