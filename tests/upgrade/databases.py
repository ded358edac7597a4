"""Databases as former commits made them, from text that their own migrations and rooms wrote."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from greffier.server.store.all_tables import metadata

Rows = dict[str, list[dict[str, Any]]]

_HERE = Path(__file__).parent
SCHEMA = _HERE / "schema_of_4d79dee.sql"
ROWS = _HERE / "rows_of_4d79dee.sql"
_ON_POSTGRESQL = {
    " JSON": " JSONB",
    " BLOB": " BYTEA",
    "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT": "BIGSERIAL NOT NULL CONSTRAINT pk_messages PRIMARY KEY",
}
AT_4D79DEE = (SCHEMA, ROWS)
LAST_WITHOUT_NUMBER = (SCHEMA, _HERE / "after_4d79dee.sql", ROWS)
"""Applies the migrations after that commit, the last of them before migrations had numbers."""


async def execute(url: str, *files: Path) -> None:
    """Run the statements of these files."""
    for path in files:
        text = path.read_text(encoding="utf-8")
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
                file.executescript(f"BEGIN; {text} COMMIT;")
            continue
        if path.name.startswith("schema"):
            for ours, theirs in _ON_POSTGRESQL.items():
                text = text.replace(ours, theirs)
        connection = await asyncpg.connect(url)
        await connection.execute(text)
        await connection.close()


async def read(url: str) -> tuple[list[Any], Rows]:
    """Returns the differences of the schema from today's tables, and every row."""
    if url.startswith("sqlite"):
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            found = _read(connection)
        engine.dispose()
        return found
    postgresql = create_async_engine(url.replace("://", "+asyncpg://", 1))
    async with postgresql.connect() as connection:
        found = await connection.run_sync(_read)
    await postgresql.dispose()
    return found


def _read(connection: sa.Connection) -> tuple[list[Any], Rows]:
    context = MigrationContext.configure(connection, opts={"compare_type": False})
    rows = {
        table.name: [
            dict(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()
        ]
        for table in metadata.sorted_tables
    }
    return compare_metadata(context, metadata), rows
