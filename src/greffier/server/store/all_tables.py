"""Every table, for the migrations: importing a room's `tables` declares its tables."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from greffier.server.store.tables import metadata

for _tables in sorted(Path(__file__).parents[1].glob("*/tables.py")):
    if _tables.parent.name != "store":
        import_module(f"greffier.server.{_tables.parent.name}.tables")

__all__ = ["metadata"]
