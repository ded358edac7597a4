"""The instances of this installation, read at start and found by host or by secret key."""

from __future__ import annotations

from collections.abc import Iterator

from greffier.server.crypto.secrets import hash_secret
from greffier.server.instances.queries import ALL_INSTANCES, LIVE_SECRET_KEYS
from greffier.server.instances.rows import instance_of
from greffier.server.store.database import Database
from greffier.server.web.instance import Instance


class Instances:
    """Finds the instance of a request without a query."""

    def __init__(self) -> None:
        self._by_id: dict[str, Instance] = {}
        self._by_host: dict[str, Instance] = {}
        self._by_key_hash: dict[str, Instance] = {}
        self._only: Instance | None = None

    async def load(self, database: Database) -> None:
        async with database.transaction() as db:
            rows = [instance_of(row) for row in await db.all(ALL_INSTANCES)]
            keys = await db.all(LIVE_SECRET_KEYS)
        self._by_id = {row.id: row for row in rows}
        self._by_host = {row.frontend_api_host: row for row in rows}
        # Looking a hash up takes no time that depends on the secret: the digest decides, not its prefix.
        self._by_key_hash = {key.key_hash: self._by_id[key.instance_id] for key in keys}
        self._only = rows[0] if len(rows) == 1 else None

    def __iter__(self) -> Iterator[Instance]:
        return iter(self._by_id.values())

    def by_host(self, host: str) -> Instance | None:
        """The instance whose Frontend API is at this host; the only one there is answers at any host."""
        return self._by_host.get(host.partition(":")[0]) or self._only

    def by_secret_key(self, secret_key: str) -> Instance | None:
        return self._by_key_hash.get(hash_secret(secret_key))
