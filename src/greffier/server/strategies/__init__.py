"""One file per strategy. A new file here that ends in `STRATEGY = ...` is found at start; other packages
offer one by the `greffier.strategies` entry point."""

from __future__ import annotations

import pkgutil
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points

from greffier.server.strategies.strategy import Strategy


@lru_cache(maxsize=1)
def strategies() -> dict[str, Strategy]:
    """Every strategy by its wire name."""
    found: list[Strategy] = []
    for module in pkgutil.iter_modules(__path__):
        strategy = getattr(import_module(f"{__name__}.{module.name}"), "STRATEGY", None)
        if strategy is not None:
            found.append(strategy)
    found += [entry.load() for entry in entry_points(group="greffier.strategies")]
    return {strategy.name: strategy for strategy in found}
