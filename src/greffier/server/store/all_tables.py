"""Every table, for the migrations: importing a room's `tables` declares its tables."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

import greffier.server as rooms
from greffier.server.store.tables import metadata

for _room in iter_modules(rooms.__path__, rooms.__name__ + "."):
    if _room.ispkg and find_spec(f"{_room.name}.tables"):
        import_module(f"{_room.name}.tables")

__all__ = ["metadata"]
