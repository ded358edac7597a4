"""Databases as former commits made them, from text that their own migrations and rooms wrote."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg

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
"""What the migrations after that commit did, the last of them before migrations had numbers."""


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
