"""Bringing a database up to date. Alembic is imported only when there is something to do: it takes longer to
import than everything else at start."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

from greffier.server.store.postgresql import driver

_ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps its context in one place of the process; other processes wait for the database."""
_HERE = Path(__file__).parent / "migrations"


def newest_revision() -> str:
    """Migrations are one dated line: the newest file name is the head."""
    return sorted(path.stem for path in (_HERE / "versions").glob("*.py"))[-1]


async def current_revision(url: str) -> str | None:
    """What the database says it is at; `None` before the first migration."""
    if url.startswith("sqlite"):
        return _sqlite_revision(url.removeprefix("sqlite:///"))
    asyncpg = driver()
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()


def _sqlite_revision(path: str) -> str | None:
    if not Path(path).exists():
        return None
    connection = sqlite3.connect(path)
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return None
    finally:
        connection.close()
    return row[0] if row else None


async def upgrade_if_needed(url: str) -> bool:
    """Run the migrations that are missing; whether there were any."""
    if await current_revision(url) == newest_revision():
        return False
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(_upgrade, url)
    return True


def _upgrade(url: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["url"] = url
    with _ONE_AT_A_TIME:
        command.upgrade(config, "head")
