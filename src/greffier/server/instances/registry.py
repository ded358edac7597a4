"""The instances of this installation, read at start and after changes, found by host or by secret key."""

from __future__ import annotations

from collections.abc import Iterator

from greffier.server.crypto.secrets import hash_secret
from greffier.server.instances.queries import (
    ALL_HOSTS,
    ALL_INSTANCES,
    LIVE_SECRET_KEYS,
    STATE,
    InstancesState,
)
from greffier.server.instances.rows import instance_of
from greffier.server.store.clock import Clock
from greffier.server.store.database import Database
from greffier.server.web.instance import Instance


class Instances:
    """Finds the instance of a request without a query."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_id: dict[str, Instance] = {}
        self._by_host: dict[str, Instance] = {}
        self._by_key_hash: dict[str, tuple[Instance, int | None]] = {}
        self._only: Instance | None = None
        self._state: InstancesState | None = None

    async def load(self, database: Database) -> None:
        """Read everything. The state is read first, so `changed` notices what changes meanwhile."""
        async with database.transaction() as db:
            state = await db.one(STATE)
            hosts = await db.all(ALL_HOSTS)
            rows = [instance_of(row, hosts) for row in await db.all(ALL_INSTANCES)]
            keys = await db.all(LIVE_SECRET_KEYS)
        by_id = {row.id: row for row in rows}
        self._by_id = by_id
        self._by_host = {host.host: by_id[host.instance_id] for host in hosts if host.instance_id in by_id}
        self._by_host |= {row.frontend_api_host.partition(":")[0]: row for row in rows}
        # Looking a hash up takes no time that depends on the secret: the digest decides, not its prefix.
        self._by_key_hash = {
            key.key_hash: (by_id[key.instance_id], key.expire_at) for key in keys if key.instance_id in by_id
        }
        self._only = rows[0] if len(rows) == 1 else None
        self._state = state

    async def changed(self, database: Database) -> bool:
        """Whether an instance, its hosts or its keys differ from what was read. One small query."""
        async with database.transaction() as db:
            return await db.one(STATE) != self._state

    def __iter__(self) -> Iterator[Instance]:
        return iter(self._by_id.values())

    def ids(self) -> list[str]:
        return list(self._by_id)

    def by_id(self, instance_id: str) -> Instance | None:
        return self._by_id.get(instance_id)

    def by_host(self, host: str) -> Instance | None:
        """The instance whose Frontend API is at this host; the only one there is answers at any host."""
        return self._by_host.get(host.partition(":")[0].lower()) or self._only

    def by_secret_key(self, secret_key: str) -> Instance | None:
        found = self._by_key_hash.get(hash_secret(secret_key))
        if found is None or (found[1] is not None and found[1] <= self._clock.now_ms()):
            return None
        return found[0]
