"""Finds the modules that every room may have, at any depth, by their names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

_ROOMS = Path(__file__).parent


def modules_named(*names: str) -> Iterator[ModuleType]:
    """Imports and yields each module whose last name is one of these, such as `tables`."""
    for module in _modules():
        if module.rpartition(".")[2] in names:
            yield import_module(module)


@cache
def _modules() -> tuple[str, ...]:
    found = walk_packages([str(_ROOMS)], f"{__package__}.")
    return tuple(module.name for module in found if not module.ispkg)
