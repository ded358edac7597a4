"""The instances of this installation, read at start and after changes, found by host or by secret key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import msgspec

from greffier.server.crypto.secrets import hash_secret
from greffier.server.instances.queries import (
    ALL_HOSTS,
    ALL_INSTANCES,
    LIVE_SECRET_KEYS,
    STATE,
    InstancesState,
)
from greffier.server.instances.rows import instance_of
from greffier.server.instances.sealing import unsealed
from greffier.server.instances.tables import InstanceHostRow
from greffier.server.settings import Settings
from greffier.server.store.clock import Clock
from greffier.server.store.database import Database
from greffier.server.web.http.hosts import hostname_of
from greffier.server.web.http.origins import is_local
from greffier.server.web.instance.instance import Instance


def _owners(rows: Sequence[Instance], hosts: Sequence[InstanceHostRow]) -> dict[str, str]:
    """The id of the instance at each configured host. A configured host wins over one that is only derived
    from another instance's key.
    """
    owners = {name: row.id for row in rows for name in row.hosts}
    owners |= {host.host: host.instance_id for host in hosts}
    return owners | {hostname_of(row.frontend_api_host): row.id for row in rows}


class Instances:
    """Finds the instance of a request without a query."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._settings = settings
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
            rows = [instance_of(unsealed(db, row), hosts) for row in await db.all(ALL_INSTANCES)]
            keys = await db.all(LIVE_SECRET_KEYS)
        owners = _owners(rows, hosts)
        rows = [self._as_the_operator_says(row, owners, alone=len(rows) == 1) for row in rows]
        by_id = {row.id: row for row in rows}
        self._by_id = by_id
        self._by_host = {host: by_id[owner] for host, owner in owners.items() if owner in by_id}
        # Looking a hash up takes no time that depends on the secret: the digest decides, not its prefix.
        self._by_key_hash = {
            key.key_hash: (by_id[key.instance_id], key.expire_at) for key in keys if key.instance_id in by_id
        }
        self._only = rows[0] if len(rows) == 1 else None
        self._state = state

    def _as_the_operator_says(self, row: Instance, owners: dict[str, str], *, alone: bool) -> Instance:
        """With the URLs and names of the settings, unless they are another instance's."""
        settings = self._settings
        public_url = settings.public_url
        owner = owners.get(hostname_of(urlsplit(public_url).netloc)) if public_url else None
        return msgspec.structs.replace(
            row,
            public_url=public_url if owner in (None, row.id) else None,
            listening_url=settings.listening_url if alone else None,
            hosts=row.hosts | frozenset(settings.hosts) if alone else row.hosts,
        )

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
        """The instance that browsers reach at this host. If there is one instance only, that is also the host
        of the configured public URL, and in development every name of this machine."""
        name = hostname_of(host)
        return self._by_host.get(name) or (self._only if self._is_host_of_only(name) else None)

    def _is_host_of_only(self, name: str) -> bool:
        only = self._only
        if only is None:
            return False
        if only.is_development and is_local(name):
            return True
        public = only.public_url
        return name in only.hosts or (public is not None and name == hostname_of(urlsplit(public).netloc))

    def any(self) -> Instance | None:
        return next(iter(self._by_id.values()), None)

    def by_secret_key(self, secret_key: str) -> Instance | None:
        found = self._by_key_hash.get(hash_secret(secret_key))
        if found is None or (found[1] is not None and found[1] <= self._clock.now_ms()):
            return None
        return found[0]
