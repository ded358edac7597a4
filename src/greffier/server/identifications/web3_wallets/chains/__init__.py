"""The families of chains, one file each, which ends in `CHAIN = ...`; other packages offer more by the entry
point `greffier.chains`. `chain.py` says what such a file may hold."""

from __future__ import annotations

import pkgutil
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points

from greffier.server.identifications.web3_wallets.chains.chain import Chain


@lru_cache(maxsize=1)
def chains() -> dict[str, Chain]:
    """Returns every family whose packages are installed, by its name."""
    found: list[Chain] = []
    for module in pkgutil.iter_modules(__path__):
        chain = getattr(import_module(f"{__name__}.{module.name}"), "CHAIN", None)
        if chain is not None:
            found.append(chain)
    found += [entry.load() for entry in entry_points(group="greffier.chains")]
    usable = [chain for chain in found if chain.is_installed]
    return {chain.name: chain for chain in sorted(usable, key=lambda chain: chain.name)}


def chain_of(address: str) -> Chain | None:
    """Returns the family whose addresses look like this text, if there is one."""
    return next((chain for chain in chains().values() if chain.recognises(address)), None)
