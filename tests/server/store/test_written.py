"""Records of the tables that a transaction wrote."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.admission import tables
from greffier.server.store.database import Database, Transaction
from greffier.server.store.statements import Statement, insert, update
from tests.support.server import TestServer

INSERT, UPDATE = insert(tables.testing_tokens), update(tables.testing_tokens)
NOTE_USE: Statement[None] = Statement(
    sa.update(tables.testing_tokens)
    .where(tables.testing_tokens.c.id == bindparam("id"))
    .values(expire_at=bindparam("now")),
    bookkeeping=True,
)


@pytest.fixture
def database(server: TestServer) -> Database:
    return server.app.database


@pytest.fixture
def row(server: TestServer) -> tables.TestingTokenRow:
    [instance] = server.app.instances
    return tables.TestingTokenRow("tt_1", instance.id, "hash", 5)


def written(transaction: Transaction) -> list[tuple[str, Any, Any]]:
    return [(w.table.name, w.value("id"), w.value("expire_at")) for w in transaction.written]


async def test_rows_that_were_inserted_and_saved_are_named_with_their_columns(
    database: Database, row: tables.TestingTokenRow
) -> None:
    async with database.transaction() as db:
        await db.insert(INSERT, row)
        await db.save(UPDATE, msgspec.structs.replace(row, expire_at=9))

        assert written(db) == [("testing_tokens", "tt_1", 5), ("testing_tokens", "tt_1", 9)]


async def test_statement_that_touches_no_row_has_written_nothing(
    database: Database, row: tables.TestingTokenRow
) -> None:
    async with database.transaction() as db:
        await db.save(UPDATE, row)

        assert written(db) == []


async def test_bookkeeping_is_no_change(database: Database, row: tables.TestingTokenRow) -> None:
    async with database.transaction() as db:
        await db.insert(INSERT, row)
        changes = len(db.written)
        touched = await db.execute(NOTE_USE, id=row.id, now=7)

        assert (touched, len(db.written)) == (1, changes)


async def test_what_was_rolled_back_was_not_written(database: Database, row: tables.TestingTokenRow) -> None:
    calls = list[str]()
    async with database.transaction() as db:
        await db.insert(INSERT, row)
        db.after_commit(lambda: calls.append("called"))
        await db.rollback()

        assert written(db) == []
    assert calls == []
