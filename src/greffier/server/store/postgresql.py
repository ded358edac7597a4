"""PostgreSQL by asyncpg: prepared statements on pooled connections."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from importlib import import_module
from typing import Any, TypeVar

import msgspec

from greffier.server.settings import Timeouts
from greffier.server.store.database import (
    Database,
    DatabaseUnavailable,
    Transaction,
    UniqueViolation,
)
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

    def __init__(self, url: str, timeouts: Timeouts) -> None:
        super().__init__(url, timeouts)
        self._pool: Any = None

    async def start(self) -> None:
        try:
            self._pool = await driver().create_pool(
                self.url,
                min_size=0,  # the driver would try, and log, for as long as the server is gone
                max_size=10,
                init=_prepare_connection,
                reset=_keep_as_is,
                statement_cache_size=1024,
                timeout=self.timeouts.acquire,
                command_timeout=self.timeouts.statement,
                server_settings={"timezone": "UTC", "application_name": "greffier"},
            )
        except (ValueError, *connection_errors()) as error:
            raise unavailable(error) from None
        try:
            await self.release(await self.acquire())
        except DatabaseUnavailable:
            await self.stop()
            raise

    async def stop(self) -> None:
        if self._pool is None:
            return
        pool, self._pool = self._pool, None
        try:
            async with asyncio.timeout(self.timeouts.acquire):
                await pool.close()
        except (TimeoutError, *connection_errors()):
            pool.terminate()  # a database that does not answer must not keep the process from ending

    def begin(self) -> Transaction:
        if self._pool is None:
            raise RuntimeError("the database is not started")
        return _PostgresqlTransaction(self)

    async def acquire(self) -> Any:
        """A connection of the pool.

        Raises:
            DatabaseUnavailable: there is none in time.
        """
        try:
            async with asyncio.timeout(self.timeouts.acquire):
                return await self._pool.acquire()
        except TimeoutError:
            raise DatabaseUnavailable(f"no connection within {self.timeouts.acquire:g} s") from None
        except connection_errors() as error:
            raise unavailable(error) from None

    async def release(self, connection: Any) -> None:
        """Give a connection back, whatever became of it."""
        try:
            await self._pool.release(connection, timeout=1)
        except (TimeoutError, *connection_errors()):
            pass  # the pool has ended it, and will open another one


def connection_errors() -> tuple[type[Exception], ...]:
    """The exceptions of the driver when a server cannot be reached, or refuses a connection."""
    asyncpg = driver()
    return OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError


def unavailable(error: Exception) -> DatabaseUnavailable:
    """The error without the driver's message, which can have the URL with its password."""
    asyncpg = driver()
    reason = type(error).__name__
    if isinstance(error, TimeoutError):
        reason = "no answer in time"
    elif isinstance(error, OSError) and error.strerror:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
    elif isinstance(error, asyncpg.InvalidCatalogNameError):
        return DatabaseUnavailable("there is no database of this name", lasting=True)
    elif isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return DatabaseUnavailable("it refuses the user or the password", lasting=True)
    return DatabaseUnavailable(reason)


class _PostgresqlTransaction(Transaction):
    def __init__(self, database: PostgresqlDatabase) -> None:
        super().__init__(database.encryption)
        self._database = database
        self._connection: Any = None

    async def one(self, statement: Statement[R], /, **values: Any) -> R | None:
        compiled = statement.compiled("postgresql")
        record = await self._run("fetchrow", statement.writes, compiled.sql, compiled.arguments(values))
        return None if record is None else statement.build(compiled, record)

    async def all(self, statement: Statement[R], /, **values: Any) -> list[R]:
        compiled = statement.compiled("postgresql")
        records = await self._run("fetch", statement.writes, compiled.sql, compiled.arguments(values))
        return [statement.build(compiled, record) for record in records]

    async def _execute(self, statement: Statement[Any], values: dict[str, Any]) -> int:
        compiled = statement.compiled("postgresql")
        status: str = await self._run("execute", True, compiled.sql, compiled.arguments(values))
        return int(status.rpartition(" ")[2])

    async def _run(self, method: str, writes: bool, sql: str, arguments: list[Any]) -> Any:
        if self._connection is None and writes:
            await self._start_writing()
        if self._connection is not None:
            return await _answer(self._connection, method, sql, *arguments)
        connection = await self._database.acquire()
        try:
            return await _answer(connection, method, sql, *arguments)
        finally:
            await self._database.release(connection)

    async def _start_writing(self) -> None:
        connection = await self._database.acquire()
        try:
            await _answer(connection, "execute", "BEGIN")
        except BaseException:
            await self._database.release(connection)
            raise
        self._connection = connection

    async def commit(self) -> None:
        await self._end("COMMIT")
        self._committed()

    async def rollback(self) -> None:
        with suppress(DatabaseUnavailable):  # a connection that is gone has rolled back
            await self._end("ROLLBACK")
        self._rolled_back()

    async def _end(self, word: str) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        # A client that hangs up cancels its request; the connection must still come back clean.
        await asyncio.shield(self._finish(connection, word))

    async def _finish(self, connection: Any, word: str) -> None:
        try:
            await _answer(connection, "execute", word)
        except BaseException:
            _terminate(connection)
            raise
        finally:
            await self._database.release(connection)


async def _answer(connection: Any, method: str, sql: str, *arguments: Any) -> Any:
    """The result of a statement.

    Raises:
        UniqueViolation: such a row exists.
        DatabaseUnavailable: no answer in time, or the connection is lost. It is not used again.
    """
    try:
        return await getattr(connection, method)(sql, *arguments)
    except driver().UniqueViolationError as error:
        raise UniqueViolation(str(error.constraint_name)) from None
    except connection_errors() as error:
        if not _is_outage(error) and not _is_closed(connection):
            raise
        _terminate(connection)
        raise unavailable(error) from None


def _is_closed(connection: Any) -> bool:
    try:
        return connection.is_closed()
    except driver().InterfaceError:
        return True  # the pool has taken it back, because it was lost


def _terminate(connection: Any) -> None:
    with suppress(driver().InterfaceError):
        connection.terminate()


def _is_outage(error: Exception) -> bool:
    """No answer in time, or the server shuts down, has no room, or has become a standby that only reads."""
    asyncpg = driver()
    return isinstance(
        error,
        OSError  # of which TimeoutError is one
        | asyncpg.PostgresConnectionError
        | asyncpg.exceptions.OperatorInterventionError
        | asyncpg.exceptions.InsufficientResourcesError
        | asyncpg.exceptions.ReadOnlySQLTransactionError,
    )
