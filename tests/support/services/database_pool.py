"""PostgreSQL databases that tests use one after the other: emptying one is faster than making another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg

from greffier.server.store.all_tables import metadata
from tests.support.services.databases import PostgresServer

_USES = 50
"""Nothing is vacuumed, so that a database that served many tests would become slow."""
_TABLES = [table.name for table in metadata.sorted_tables]


class PooledDatabase:
    """A copy of a template, and how it becomes one again."""

    def __init__(self, server: PostgresServer, template: str) -> None:
        self._server = server
        self.name = server.create(template)
        self.uses = 0
        self._connection: asyncpg.Connection[Any] = server.wait(asyncpg.connect(self.url))
        self._begins_with = server.wait(self._rows())

    @property
    def url(self) -> str:
        return self._server.url(self.name)

    async def _rows(self) -> dict[str, str]:
        """Statements that restore the rows of the template, by table."""
        statements: dict[str, str] = {}
        for table in _TABLES:
            if await self._connection.fetchval(f'SELECT count(*) FROM "{table}"'):
                await self._connection.execute("CREATE SCHEMA IF NOT EXISTS kept")
                await self._connection.execute(f'CREATE TABLE kept."{table}" AS TABLE "{table}"')
                columns = metadata.tables[table].columns
                names = ", ".join(f'"{column.name}"' for column in columns)
                kept = f'SELECT {names} FROM kept."{table}"'
                statements[table] = f'INSERT INTO "{table}" ({names}) OVERRIDING SYSTEM VALUE {kept}'
        return statements

    def empty(self) -> None:
        """As it was made. Raises: asyncpg.PostgresError: a connection still uses it."""
        self._server.wait(self._empty())

    async def _empty(self) -> None:
        async with self._connection.transaction():
            # Foreign keys are not looked at: all tables are what they were, in the end.
            await self._connection.execute("SET LOCAL session_replication_role = replica")
            await self._connection.execute("SET LOCAL lock_timeout = '2s'")
            await self._connection.execute(";".join(f'DELETE FROM "{table}"' for table in _TABLES))
            await self._connection.execute(";".join(self._begins_with.values()))

    def drop(self) -> None:
        self._server.wait(self._connection.close())
        self._server.drop(self.name)


class DatabasePool:
    """Databases of one server, by the template they are copies of."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._free: dict[str, list[PooledDatabase]] = {}

    @contextmanager
    def database(self, template: str) -> Iterator[str]:
        """Returns the URL of a database that looks new, and that is not shared meanwhile."""
        free = self._free.setdefault(template, [])
        taken = free.pop() if free else PooledDatabase(self._server, template)
        try:
            yield taken.url
        finally:
            self._take_back(taken, free)

    def _take_back(self, taken: PooledDatabase, free: list[PooledDatabase]) -> None:
        taken.uses += 1
        try:
            if taken.uses < _USES:
                taken.empty()
                free.append(taken)
                return
        except asyncpg.PostgresError:
            pass  # a test left something running in it
        taken.drop()
