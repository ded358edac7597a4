"""Every table, for the migrations: importing a room's `tables` declares its tables."""

from __future__ import annotations

from greffier.server.discovery import modules_named
from greffier.server.store.tables import metadata

for _ in modules_named("tables"):
    pass

__all__ = ["metadata"]
