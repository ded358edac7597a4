"""SQLite by the standard library, in the event loop's own thread.

A statement takes about 10 microseconds, less than handing it to a thread would. One connection reads, one
writes; writers of this process queue at an `asyncio.Lock`, and those of other processes are waited for
without blocking the loop.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path
from typing import Any, TypeVar

from greffier.server.store.database import Database, Transaction, UniqueViolation
from greffier.server.store.statements import Statement

R = TypeVar("R")

_WAIT_FOR_OTHER_PROCESSES = 10.0  # seconds


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, isolation_level=None, cached_statements=1024, check_same_thread=False, timeout=0
    )
    connection.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
        "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4000;"
    )
    return connection


class SqliteDatabase(Database):
    """One SQLite file in WAL mode."""

    dialect = "sqlite"

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.path = url.removeprefix("sqlite:///")
        if self.path == url or not self.path or self.path.startswith(":memory:"):
            raise ValueError("an SQLite URL names a file: sqlite:///path or sqlite:////absolute/path")
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        self._writing = asyncio.Lock()

    async def start(self) -> None:
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        self._reader = _connect(self.path)
        self._reader.execute("PRAGMA busy_timeout=2000")
        self._writer = _connect(self.path)

    async def stop(self) -> None:
        for connection in (self._reader, self._writer):
            if connection is not None:
                connection.close()
        self._reader = self._writer = None

    def begin(self) -> Transaction:
        if self._reader is None or self._writer is None:
            raise RuntimeError("the database is not started")
        return _SqliteTransaction(self._reader, self._writer, self._writing)


class _SqliteTransaction(Transaction):
    def __init__(self, reader: sqlite3.Connection, writer: sqlite3.Connection, lock: asyncio.Lock) -> None:
        super().__init__()
        self._reader = reader
        self._writer = writer
        self._lock = lock
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

    async def execute(self, statement: Statement[Any], /, **values: Any) -> int:
        if self._connection is self._reader:
            await self._start_writing()
        compiled = statement.compiled("sqlite")
        return self._run(compiled.sql, compiled.arguments(values)).rowcount

    def _run(self, sql: str, arguments: list[Any]) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, arguments)
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorcode in (
                sqlite3.SQLITE_CONSTRAINT_UNIQUE,
                sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
            ):
                raise UniqueViolation(str(error)) from None
            raise

    async def _start_writing(self) -> None:
        await self._lock.acquire()
        try:
            await self._begin_immediate()
        except BaseException:
            self._lock.release()
            raise
        self._connection = self._writer

    async def _begin_immediate(self) -> None:
        deadline = time.monotonic() + _WAIT_FOR_OTHER_PROCESSES
        pause = 0.0005
        while True:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 2, 0.02)
            else:
                return

    async def commit(self) -> None:
        self._end("COMMIT")
        self._committed()

    async def rollback(self) -> None:
        self._end("ROLLBACK")

    def _end(self, word: str) -> None:
        if self._connection is self._reader:
            return
        try:
            self._writer.execute(word)
        except sqlite3.Error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise
        finally:
            self._connection = self._reader
            self._lock.release()
