"""SQLite by the standard library, in the event loop's own thread.

A statement takes about 10 microseconds, less than handing it to a thread would. One connection reads, one
writes. Writers of this process queue at an `asyncio.Lock`, processes among themselves in `write_queue.py`;
neither blocks the loop.
"""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any, TypeVar

from greffier.server.settings import Timeouts
from greffier.server.store.database import (
    Database,
    DatabaseUnavailable,
    Transaction,
    UniqueViolation,
)
from greffier.server.store.statements import Statement
from greffier.server.store.write_queue import WriteQueue

R = TypeVar("R")

_POLL_SECONDS = 0.0005
_OUTAGES = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
)
"""Result codes of a file that cannot be used at the moment; other errors are faults of ours."""


def _connect(path: str, *, busy_timeout_ms: int = 0) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=1024, check_same_thread=False)
    connection.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
        "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4000;"
        f"PRAGMA busy_timeout={busy_timeout_ms};"
    )
    return connection


class SqliteDatabase(Database):
    """One SQLite file in WAL mode."""

    dialect = "sqlite"

    def __init__(self, url: str, timeouts: Timeouts) -> None:
        super().__init__(url, timeouts)
        self.path = url.removeprefix("sqlite:///")
        if self.path == url or not self.path or self.path.startswith(":memory:"):
            raise ValueError("an SQLite URL names a file: sqlite:///path or sqlite:////absolute/path")
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        self._writing = asyncio.Lock()
        self._queue = WriteQueue(Path(self.path))

    async def start(self) -> None:
        try:
            Path(self.path).parent.mkdir(parents=True, exist_ok=True)
            self._reader = _connect(self.path, busy_timeout_ms=2000)
            self._writer = _connect(self.path)
            self._queue.open()
        except OSError as error:
            raise DatabaseUnavailable(f"{self.path}: {error.strerror}") from None
        except sqlite3.Error as error:
            raise DatabaseUnavailable(f"{self.path}: {error}") from None

    async def stop(self) -> None:
        self._queue.close()
        for connection in (self._reader, self._writer):
            if connection is not None:
                connection.close()
        self._reader = self._writer = None

    def begin(self) -> Transaction:
        if self._reader is None or self._writer is None:
            raise RuntimeError("the database is not started")
        return _SqliteTransaction(self, self._reader, self._writer)

    async def start_writing(self, writer: sqlite3.Connection) -> None:
        """Begin the one writing transaction, when it is this one's turn; `end_writing` ends the turn.

        Raises:
            DatabaseUnavailable: its turn did not come in time.
        """
        try:
            async with asyncio.timeout(self.timeouts.acquire):
                await self._writing.acquire()
                try:
                    await self._begin(writer)
                except BaseException:
                    self._writing.release()
                    raise
        except TimeoutError:
            raise DatabaseUnavailable(f"no turn to write within {self.timeouts.acquire:g} s") from None

    def end_writing(self) -> None:
        self._writing.release()

    async def _begin(self, writer: sqlite3.Connection) -> None:
        """Only the first of the queue asks SQLite, again and again until the former writer has finished."""
        await self._queue.enter()
        try:
            while not _begun(writer):  # noqa: ASYNC110 - another process has the lock, which sets no event
                await asyncio.sleep(_POLL_SECONDS)
        finally:
            self._queue.leave()


def _begun(writer: sqlite3.Connection) -> bool:
    try:
        writer.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if _code(error) == sqlite3.SQLITE_BUSY:
            return False
        raise _translated(error) from None
    return True


def _code(error: sqlite3.Error) -> int:
    return error.sqlite_errorcode & 0xFF


def _translated(error: sqlite3.Error) -> Exception:
    if isinstance(error, sqlite3.IntegrityError) and error.sqlite_errorcode in (
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    ):
        return UniqueViolation(str(error))
    if isinstance(error, sqlite3.OperationalError) and _code(error) in _OUTAGES:
        return DatabaseUnavailable(error.sqlite_errorname)
    return error


class _SqliteTransaction(Transaction):
    def __init__(
        self, database: SqliteDatabase, reader: sqlite3.Connection, writer: sqlite3.Connection
    ) -> None:
        super().__init__(database.encryption)
        self._database = database
        self._reader = reader
        self._writer = writer
        self._connection = reader

    async def one(self, statement: Statement[R], /, **values: Any) -> R | None:
        if statement.writes and self._connection is self._reader:
            await self._start_writing()
        compiled = statement.compiled("sqlite")
        record = self._run(compiled.sql, compiled.arguments(values)).fetchone()
        return None if record is None else statement.build(compiled, record)

    async def all(self, statement: Statement[R], /, **values: Any) -> list[R]:
        if statement.writes and self._connection is self._reader:
            await self._start_writing()
        compiled = statement.compiled("sqlite")
        records = self._run(compiled.sql, compiled.arguments(values)).fetchall()
        return [statement.build(compiled, record) for record in records]

    async def _execute(self, statement: Statement[Any], values: dict[str, Any]) -> int:
        if self._connection is self._reader:
            await self._start_writing()
        compiled = statement.compiled("sqlite")
        return self._run(compiled.sql, compiled.arguments(values)).rowcount

    def _run(self, sql: str, arguments: list[Any]) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, arguments)
        except sqlite3.Error as error:
            raise _translated(error) from None

    async def _start_writing(self) -> None:
        await self._database.start_writing(self._writer)
        self._connection = self._writer

    async def commit(self) -> None:
        self._end("COMMIT")
        self._committed()

    async def rollback(self) -> None:
        self._end("ROLLBACK")
        self._rolled_back()

    def _end(self, word: str) -> None:
        if self._connection is self._reader:
            return
        try:
            self._writer.execute(word)
        except sqlite3.Error as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise _translated(error) from None
        finally:
            self._connection = self._reader
            self._database.end_writing()
