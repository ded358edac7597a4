"""Opens the database behind a URL."""

from __future__ import annotations

from collections.abc import Sequence

from greffier.server.crypto.encryption import Encryption
from greffier.server.settings import Timeouts
from greffier.server.store.database import Database


def open_database(
    url: str, timeouts: Timeouts | None = None, *, encryption_keys: Sequence[bytes] = ()
) -> Database:
    """The database behind a URL.

    Args:
        url: `sqlite:///relative/path`, `sqlite:////absolute/path` or `postgresql://...`.
        encryption_keys: of the secrets in it; the first encrypts. Without one they are stored in clear.

    Raises:
        ValueError: the scheme is none of these.
    """
    database = _database(url, timeouts or Timeouts())
    database.encryption = Encryption(encryption_keys)
    return database


def _database(url: str, timeouts: Timeouts) -> Database:
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        from greffier.server.store.sqlite import SqliteDatabase

        return SqliteDatabase(url, timeouts)
    if scheme in ("postgresql", "postgres"):
        from greffier.server.store.postgresql import PostgresqlDatabase

        return PostgresqlDatabase(url, timeouts)
    raise ValueError(f"the database URL must start with sqlite: or postgresql:, not {scheme!r}")
