"""The facade that rules see: `Database` gives each request a `Transaction`.

Until a rule writes or locks, each read stands alone, so that a request which only reads, or which waits for
a password hash, holds neither a lock nor a connection. The first statement that writes or locks opens the
one transaction of the request; everything after it runs inside, and the end of the request commits it or
rolls it back.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa

from greffier.server.crypto.encryption import Encryption
from greffier.server.settings import Timeouts
from greffier.server.store.statements import DialectName, Row, Statement, update_values

R = TypeVar("R")


class UniqueViolation(Exception):
    """A row with these values exists already. `constraint` is its name as the database reports it."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class DatabaseUnavailable(Exception):
    """The database cannot be reached, or did not answer in time. The message says which, without a URL.

    `lasting`: waiting will not help, because the database is there and refuses these credentials or has no
    such name.
    """

    def __init__(self, reason: str, *, lasting: bool = False) -> None:
        super().__init__(reason)
        self.lasting = lasting


class Write(NamedTuple):
    """A statement that changed rows of a table, with its parameters."""

    table: sa.Table
    values: dict[str, Any]
    former: Row | None = None
    """The row as it was before, where it was saved or removed with that."""
    inserted: bool = False
    removed: bool = False

    def value(self, column: str) -> Any:
        """The rows' value of a column, as far as the statement has it: of a row that was inserted or saved in
        any column, of others where the parameter is named like the column. Else `None`.
        """
        for name in (column, f"key_{column}", f"new_{column}"):
            if name in self.values:
                return self.values[name]
        return None


class Transaction(ABC):
    """The database as one request sees it."""

    def __init__(self, encryption: Encryption) -> None:
        self.encryption = encryption
        self._after_commit: list[Callable[[], None]] = []
        self.written: list[Write] = []
        """The writes so far, in order. Effects, such as a client's new `updated_at`, are derived from them
        before the commit."""

    @abstractmethod
    async def one(self, statement: Statement[R], /, **values: Any) -> R | None:
        """The first row, or `None`."""

    @abstractmethod
    async def all(self, statement: Statement[R], /, **values: Any) -> list[R]:
        """Every row."""

    async def execute(self, statement: Statement[Any], /, **values: Any) -> int:
        """Run a statement that writes; how many rows it touched."""
        count = await self._execute(statement, values)
        if count and statement.changes is not None:
            self.written.append(
                Write(statement.changes, values, inserted=statement.inserts, removed=statement.deletes)
            )
        return count

    @abstractmethod
    async def _execute(self, statement: Statement[Any], values: dict[str, Any]) -> int: ...

    @abstractmethod
    async def commit(self) -> None: ...

    @abstractmethod
    async def rollback(self) -> None: ...

    async def select(self, statement: sa.Select[Any], row: Callable[..., R]) -> list[R]:
        """Run a statement whose text depends on the request (filters); costs a compilation."""
        return await self.all(Statement(statement, row))

    async def count(self, rows: sa.FromClause, *conditions: sa.ColumnElement[bool]) -> int:
        """Returns how many rows of a table or join meet all conditions."""
        return (await self.select(sa.select(sa.func.count()).select_from(rows).where(*conditions), int))[0]

    async def insert(self, statement: Statement[Any], row: Row) -> None:
        await self.execute(statement, **row.values())

    async def save(self, statement: Statement[Any], row: Row, *, former: Row | None = None) -> None:
        """Write a row back.

        Args:
            former: the row as it was, for effects that depend on what has changed.
        """
        await self._execute_with(statement, update_values(row), former=former)

    async def remove(self, statement: Statement[Any], row: Row) -> None:
        """Run a statement that deletes this row, whose parameters are named as its columns."""
        await self._execute_with(statement, row.values(), former=row)

    async def _execute_with(
        self, statement: Statement[Any], values: dict[str, Any], *, former: Row | None
    ) -> None:
        if await self._execute(statement, values) and statement.changes is not None:
            self.written.append(Write(statement.changes, values, former, removed=statement.deletes))

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call this once the changes are durable, and not at all if they are rolled back."""
        self._after_commit.append(call)

    def _committed(self) -> None:
        calls, self._after_commit = self._after_commit, []
        for call in calls:
            call()

    def _rolled_back(self) -> None:
        self._after_commit.clear()
        self.written.clear()


class Database(ABC):
    """One database: an SQLite file or a PostgreSQL server."""

    dialect: DialectName

    def __init__(self, url: str, timeouts: Timeouts) -> None:
        self.url = url
        self.timeouts = timeouts
        self.encryption = Encryption()
        """Of the secrets in it: see `store/sealing.py`."""

    @abstractmethod
    def begin(self) -> Transaction: ...

    @abstractmethod
    async def start(self) -> None:
        """Raises: DatabaseUnavailable: it cannot be reached."""

    @abstractmethod
    async def stop(self) -> None: ...

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        """A transaction outside a request: commits at the end, rolls back when the block raises."""
        transaction = self.begin()
        try:
            yield transaction
        except BaseException:
            await transaction.rollback()
            raise
        await transaction.commit()
