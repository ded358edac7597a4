"""Statements: built once with SQLAlchemy Core, compiled once per database, run without SQLAlchemy.

Building and compiling a `select()` costs as much as one RSA signature, so rooms build their statements at
import and the facade keeps the compiled text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, Generic, Literal, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.type_api import TypeEngine

from greffier.server.store.tables import Json

R = TypeVar("R")
DialectName = Literal["sqlite", "postgresql"]


@cache
def _dialect(name: DialectName) -> sa.Dialect:
    """SQLAlchemy's dialect, imported by the servers that use it: PostgreSQL's takes 3 MB."""
    if name == "postgresql":
        from sqlalchemy.dialects.postgresql import asyncpg

        return asyncpg.dialect()
    from sqlalchemy.dialects import sqlite

    return sqlite.dialect(paramstyle="qmark")


_encode_json = msgspec.json.Encoder(order="deterministic").encode


def _json_text(value: Any) -> str | None:
    return None if value is None else _encode_json(value).decode()


def _compile(statement: Any, dialect: DialectName) -> Any:
    compiled = statement.compile(dialect=_dialect(dialect))
    if compiled.post_compile_params:  # IN lists: their values must be known, so these are built per request
        compiled = statement.compile(dialect=_dialect(dialect), compile_kwargs={"render_postcompile": True})
    return compiled


class Compiled:
    """One statement in one dialect: its text, and how parameters and columns pass through."""

    def __init__(self, statement: sa.Executable, dialect: DialectName) -> None:
        compiled = _compile(statement, dialect)
        self.sql: str = str(compiled)
        names: list[str] = list(compiled.positiontup or ())
        expanded: dict[str, Any] = dict(compiled.params)
        self._parameters = [self._parameter(compiled, name, expanded, dialect) for name in names]
        columns: Iterable[Any] = getattr(statement, "exported_columns", None) or ()
        self._readers = [
            (i, read) for i, column in enumerate(columns) if (read := _reader(column.type, dialect))
        ]

    @staticmethod
    def _parameter(
        compiled: Any, name: str, values: dict[str, Any], dialect: DialectName
    ) -> tuple[str, bool, Any, Callable[[Any], Any] | None]:
        bind = compiled.binds.get(name)
        write = _writer(bind.type, dialect) if bind is not None else None
        required: bool = bind is not None and bind.required
        key: str = bind.key if bind is not None and required else name
        value = values.get(name)
        return key, required, (write(value) if write and not required else value), write

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        """Positional arguments; a `KeyError` names a parameter that the caller forgot."""
        return [
            (write(values[key]) if write else values[key]) if required else constant
            for key, required, constant, write in self._parameters
        ]

    def read(self, record: Sequence[Any]) -> Sequence[Any]:
        if not self._readers:
            return record
        values = list(record)
        for index, reader in self._readers:
            values[index] = reader(values[index])
        return values


def _writer(kind: TypeEngine[Any], dialect: DialectName) -> Callable[[Any], Any] | None:
    return _json_text if dialect == "sqlite" and isinstance(kind, Json) else None


def _reader(kind: TypeEngine[Any], dialect: DialectName) -> Callable[[Any], Any] | None:
    if dialect != "sqlite":
        return None
    if isinstance(kind, sa.Boolean):
        return lambda value: None if value is None else bool(value)
    if isinstance(kind, Json):
        # SQLite keeps a document that is a number alone as a number.
        return lambda value: msgspec.json.decode(value) if isinstance(value, str) else value
    return None


class Statement(Generic[R]):
    """A statement and what one of its rows becomes.

    Args:
        statement: SQLAlchemy Core; parameters are `bindparam("name")` (without a value: required).
        row: called with the columns in order, for example a `Row` struct; `None` for the bare first column.
        locks: the statement locks rows (`FOR UPDATE`), so it belongs to the writing transaction.
        bookkeeping: what it writes counts as no change of an object, such as when a session was last
            used: no client is marked as changed.
    """

    def __init__(
        self,
        statement: sa.Executable,
        row: Callable[..., R] | None = None,
        *,
        locks: bool = False,
        bookkeeping: bool = False,
    ) -> None:
        self._statement = statement
        self._compiled: dict[str, Compiled] = {}
        self.row = row
        self.writes = locks or isinstance(statement, UpdateBase)
        self.changes: sa.Table | None = None
        """The table whose objects it changes."""
        if isinstance(statement, UpdateBase) and not bookkeeping:
            self.changes = statement.entity_description["table"]
        self.inserts = isinstance(statement, sa.Insert)
        self.deletes = isinstance(statement, sa.Delete)

    def compiled(self, dialect: DialectName) -> Compiled:
        found = self._compiled.get(dialect)
        if found is None:
            found = self._compiled[dialect] = Compiled(self._statement, dialect)
        return found

    def build(self, compiled: Compiled, record: Sequence[Any]) -> R:
        values = compiled.read(record)
        return self.row(*values) if self.row is not None else values[0]


class Row(msgspec.Struct, frozen=True):
    """Base of row structs: the fields are the table's columns, in the table's order."""

    def values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__struct_fields__}


def insert(table: sa.Table, *, bookkeeping: bool = False) -> Statement[None]:
    """Insert a whole row: parameters are all columns (`Row.values`)."""
    values = {c.name: sa.bindparam(c.name, type_=c.type) for c in table.c}
    return Statement(sa.insert(table).values(values), bookkeeping=bookkeeping)


def update(table: sa.Table, *, bookkeeping: bool = False) -> Statement[None]:
    """Write a whole row back by `id` and `instance_id`, the way a rule changed the struct it had locked."""
    keys = [c for c in table.c if c.name in ("id", "instance_id")]
    changed = {c.name: sa.bindparam(f"new_{c.name}", type_=c.type) for c in table.c if c not in keys}
    where = [c == sa.bindparam(f"key_{c.name}") for c in keys]
    return Statement(sa.update(table).where(*where).values(changed), bookkeeping=bookkeeping)


def update_values(row: Row) -> dict[str, Any]:
    """Parameters of an `update()` statement for this row."""
    return {("key_" if k in ("id", "instance_id") else "new_") + k: v for k, v in row.values().items()}
