"""Opens the database behind a URL."""

from __future__ import annotations

from greffier.server.settings import Timeouts
from greffier.server.store.database import Database


def open_database(url: str, timeouts: Timeouts | None = None) -> Database:
    """The database behind a URL.

    Args:
        url: `sqlite:///relative/path`, `sqlite:////absolute/path` or `postgresql://...`.

    Raises:
        ValueError: the scheme is none of these.
    """
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        from greffier.server.store.sqlite import SqliteDatabase

        return SqliteDatabase(url, timeouts or Timeouts())
    if scheme in ("postgresql", "postgres"):
        from greffier.server.store.postgresql import PostgresqlDatabase

        return PostgresqlDatabase(url, timeouts or Timeouts())
    raise ValueError(f"the database URL must start with sqlite: or postgresql:, not {scheme!r}")
