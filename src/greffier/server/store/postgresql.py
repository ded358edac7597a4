"""PostgreSQL by asyncpg: prepared statements on pooled connections."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any, TypeVar

import msgspec

from greffier.server.store.database import Database, Transaction, UniqueViolation
from greffier.server.store.statements import Statement

R = TypeVar("R")

_encode = msgspec.json.Encoder(order="deterministic").encode


def driver() -> Any:
    """asyncpg, imported when first needed; it has no types."""
    return import_module("asyncpg")


async def _prepare_connection(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: _encode(value).decode(),  # pyright: ignore[reportUnknownLambdaType]
        decoder=msgspec.json.decode,
    )


async def _keep_as_is(_connection: Any) -> None:
    """Nothing a transaction leaves behind needs resetting; asyncpg's own reset costs a round trip."""


class PostgresqlDatabase(Database):
    """A PostgreSQL database; no extension is needed."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._pool: Any = None

    async def start(self) -> None:
        self._pool = await driver().create_pool(
            self.url,
            min_size=1,
            max_size=10,
            init=_prepare_connection,
            reset=_keep_as_is,
            statement_cache_size=1024,
            server_settings={"timezone": "UTC", "application_name": "greffier"},
        )

    async def stop(self) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    def begin(self) -> Transaction:
        if self._pool is None:
            raise RuntimeError("the database is not started")
        return _PostgresqlTransaction(self._pool)


class _PostgresqlTransaction(Transaction):
    def __init__(self, pool: Any) -> None:
        super().__init__()
        self._pool = pool
        self._connection: Any = None

    async def one(self, statement: Statement[R], /, **values: Any) -> R | None:
        compiled = statement.compiled("postgresql")
        arguments = compiled.arguments(values)
        connection = await self._enter(statement)
        if connection is None:
            record = await self._pool.fetchrow(compiled.sql, *arguments)
        else:
            record = await _unique(connection.fetchrow(compiled.sql, *arguments))
        return None if record is None else statement.build(compiled, record)

    async def all(self, statement: Statement[R], /, **values: Any) -> list[R]:
        compiled = statement.compiled("postgresql")
        arguments = compiled.arguments(values)
        connection = await self._enter(statement)
        if connection is None:
            records = await self._pool.fetch(compiled.sql, *arguments)
        else:
            records = await _unique(connection.fetch(compiled.sql, *arguments))
        return [statement.build(compiled, record) for record in records]

    async def execute(self, statement: Statement[Any], /, **values: Any) -> int:
        compiled = statement.compiled("postgresql")
        arguments = compiled.arguments(values)
        connection = self._connection or await self._start_writing()
        status: str = await _unique(connection.execute(compiled.sql, *arguments))
        return int(status.rpartition(" ")[2])

    async def _enter(self, statement: Statement[Any]) -> Any:
        if self._connection is None and statement.writes:
            return await self._start_writing()
        return self._connection

    async def _start_writing(self) -> Any:
        connection: Any = await self._pool.acquire()
        try:
            await connection.execute("BEGIN")
        except BaseException:
            await self._pool.release(connection)
            raise
        self._connection = connection
        return connection

    async def commit(self) -> None:
        await self._end("COMMIT")
        self._committed()

    async def rollback(self) -> None:
        await self._end("ROLLBACK")

    async def _end(self, word: str) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        # A client that hangs up cancels its request; the connection must still come back clean.
        await asyncio.shield(self._finish(connection, word))

    async def _finish(self, connection: Any, word: str) -> None:
        try:
            await connection.execute(word)
        except BaseException:
            connection.terminate()
            raise
        finally:
            await self._pool.release(connection)


async def _unique(result: Any) -> Any:
    try:
        return await result
    except driver().UniqueViolationError as error:
        raise UniqueViolation(str(error.constraint_name)) from None
