"""Expired rows are found by an index, however many others there are."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from greffier.server.store.migrate import create_sqlite_file
from greffier.server.store.postgresql import driver
from tests.server.jobs.rows import RETENTION_RULES
from tests.support.server import TestServer


@pytest.mark.parametrize("table", RETENTION_RULES)
def test_rows_are_found_by_an_index(tmp_path: Path, table: str) -> None:
    create_sqlite_file(tmp_path / "empty.db")
    steps: list[str] = []
    with closing(sqlite3.connect(tmp_path / "empty.db")) as file:
        for statement in (RETENTION_RULES[table].due, RETENTION_RULES[table].purge):
            sql = statement.compiled("sqlite").sql
            found = file.execute(f"EXPLAIN QUERY PLAN {sql}", [1] * sql.count("?"))
            steps += [row[3] for row in found]

    assert any("USING" in step for step in steps)
    for step in steps:
        assert not step.startswith("SCAN"), steps
        assert not step.endswith("(instance_id=?)"), steps


@pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)
async def test_rows_are_found_by_an_index_in_postgresql(server: TestServer) -> None:
    connection = await driver().connect(server.app.database.url)
    try:
        await connection.execute(
            "SET enable_seqscan = off; SET enable_sort = off; SET plan_cache_mode = force_generic_plan"
        )
        for one in RETENTION_RULES.values():
            sql = one.due.compiled("postgresql").sql
            arguments = ", ".join(("'x'", "1", "1", "'x'", "200"))
            await connection.execute(f"PREPARE p AS {sql}")
            steps = [row[0] for row in await connection.fetch(f"EXPLAIN EXECUTE p({arguments})")]
            await connection.execute("DEALLOCATE p")
            condition = next(step for step in steps if "Index Cond" in step)
            assert f"{one.by.name} <" in condition, steps
    finally:
        await connection.close()
