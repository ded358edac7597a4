"""The Ethereum Name Service, where names of wallets are read. Part of `greffier doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greffier.cli.doctor.certificate_checks import Check

if TYPE_CHECKING:
    from greffier.server.web.instance.instance import Instance


async def check_names(instance: Instance) -> list[Check]:
    """Asks whether the registry of the settings is a contract."""
    from greffier.server.identifications.web3_wallets.chains import chains
    from greffier.server.identifications.web3_wallets.chains.ethereum_balances import EthereumBalances
    from greffier.server.identifications.web3_wallets.ens.records import code_call
    from greffier.server.identifications.web3_wallets.rpc import Silent, ask, servers_of

    rules = instance.settings.web3.ens
    if not rules.enabled:
        return []
    subject = f"{instance.frontend_api_host} names of wallets"
    servers = servers_of(instance, "ethereum", rules.network)
    if "ethereum" not in chains():
        return [Check("problem", subject, "are not read: install greffier[web3].")]
    if servers is None:
        text = f"are not read: web3.rpc names no server of ethereum {rules.network}."
        return [Check("problem", subject, text)]
    try:
        (code,) = await ask(instance, EthereumBalances(), servers, [code_call(rules.registry)])
    except Silent:
        return [Check("problem", subject, f"are not read: no server of ethereum {rules.network} answers.")]
    if not isinstance(code, str) or code in ("", "0x"):
        return [Check("problem", subject, f"are not read: {rules.registry} is no contract.")]
    return [Check("ok", subject, f"are read from {rules.registry}")]
