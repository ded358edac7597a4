"""Tables, the structs of their rows, and the migrations say the same."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.dialects import postgresql

from greffier.server.discovery import modules_named
from greffier.server.store.all_tables import metadata
from greffier.server.store.migrate import current_revision, migrate, newest_revision, upgrade_if_needed
from greffier.server.store.statements import Row

PARTIAL_INDEXES = sa.text(
    "SELECT indexrelid::regclass::text, pg_get_expr(indpred, indrelid) FROM pg_index"
    " WHERE indpred IS NOT NULL"
)


def rows() -> list[tuple[sa.Table, type[Row]]]:
    found: list[tuple[sa.Table, type[Row]]] = []
    for module in modules_named("tables"):
        members = vars(module).values()
        tables = [m for m in members if isinstance(m, sa.Table)]
        structs = [m for m in members if isinstance(m, type) and issubclass(m, Row) and m is not Row]
        found += zip(tables, structs, strict=True)
    return found


@pytest.mark.parametrize(
    ("table", "row"), rows(), ids=lambda v: getattr(v, "name", v.__name__ if isinstance(v, type) else "")
)
def test_row_struct_has_the_columns_in_order(table: sa.Table, row: type[Row]) -> None:
    columns = [c.name for c in table.columns]

    assert [name for name in columns if name in row.__struct_fields__] == list(row.__struct_fields__)


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_every_row_belongs_to_an_instance(table: sa.Table) -> None:
    assert table.name == "instances" or "instance_id" in table.columns


async def test_migrations_make_exactly_these_tables_on_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'fresh.db'}"

    migrate(url)

    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert differences(connection) == []
    engine.dispose()


async def test_new_sqlite_file_is_what_the_migrations_make(tmp_path: Path) -> None:
    migrated, fresh = tmp_path / "migrated.db", tmp_path / "fresh.db"
    await asyncio.to_thread(migrate, f"sqlite:///{migrated}")

    assert await upgrade_if_needed(f"sqlite:///{fresh}")

    assert definitions(fresh) == definitions(migrated)
    assert await current_revision(f"sqlite:///{fresh}") == newest_revision()


async def test_migrations_make_exactly_these_tables_on_postgresql(empty_postgres_url: str) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    assert await upgrade_if_needed(empty_postgres_url)

    engine = create_async_engine(empty_postgres_url.replace("://", "+asyncpg://", 1))
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        partial = {name: text.strip("()") for name, text in await connection.execute(PARTIAL_INDEXES)}
    await engine.dispose()
    assert partial == conditions_of_indexes()


async def test_second_start_migrates_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'fresh.db'}"
    await upgrade_if_needed(url)

    assert not await upgrade_if_needed(url)
    assert await current_revision(url) == newest_revision()


async def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'fresh.db'}"

    code = (
        "import asyncio; from greffier.server.store.migrate import upgrade_if_needed;"
        f"asyncio.run(upgrade_if_needed({url!r}))"
    )
    started = [await asyncio.create_subprocess_exec(sys.executable, "-c", code) for _ in range(3)]

    assert [await process.wait() for process in started] == [0, 0, 0]
    assert await current_revision(url) == newest_revision()


def conditions_of_indexes() -> dict[str, str]:
    """The condition of each partial index of the tables, by its name."""
    indexes = [index for table in metadata.sorted_tables for index in table.indexes]
    conditions = {str(one.name): (one.table, one.dialect_options["sqlite"]["where"]) for one in indexes}
    dialect = postgresql.dialect()
    return {
        name: str(condition.compile(dialect=dialect)).replace(f"{table}.", "")
        for name, (table, condition) in conditions.items()
        if condition is not None
    }


def definitions(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The columns, foreign keys and indexes of each table of a file, as SQLite has understood them."""
    with closing(sqlite3.connect(path)) as file:
        tables = [name for (name,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {table: _parts(file, table) for table in tables if table != "alembic_version"}


def _parts(file: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    columns = file.execute(
        'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?)', (table,)
    )
    keys = file.execute('SELECT "from", "table", "to", on_delete FROM pragma_foreign_key_list(?)', (table,))
    indexes = file.execute(
        'SELECT i."unique", i.origin, i.partial, group_concat(c.name || c."desc") FROM pragma_index_list(?) i'
        " JOIN pragma_index_xinfo(i.name) c WHERE c.key GROUP BY i.name",
        (table,),
    )
    return sorted([*columns, *keys, *indexes], key=repr)


def differences(connection: sa.Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": False})
    return compare_metadata(context, metadata)
