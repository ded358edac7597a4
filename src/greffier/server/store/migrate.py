"""Bringing a database up to date.

A new SQLite file gets today's tables and is marked as being at the newest migration: Alembic takes longer to
import than everything else does at the first start. All else is migrated; a test holds the two together.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

from greffier.server.store.database import DatabaseUnavailable
from greffier.server.store.postgresql import connection_errors, driver, unavailable

_CONNECT_SECONDS = 5.0
_ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps its context in one place of the process; other processes wait for the database."""
_HERE = Path(__file__).parent / "migrations"
_LINKS = re.compile(r'^(revision|down_revision) = (?:"(\w+)"|None)$', re.MULTILINE)
_NAMED = ("2026_11_23_zk_forgetting_mail", "2026_11_30_canonical_addresses", "2026_11_30_oauth_resources")
"""Revisions from before migrations had numbers that `migrations/before_numbers.py` brings to 0001."""


class UnknownSchema(Exception):
    """The database is at a revision that this version cannot upgrade. The text says what to do."""


@cache
def _revisions() -> dict[str, str | None]:
    """Each revision and the one before it, as the migrations' files say; without Alembic, whose import takes
    longer than a start. A test compares the two."""
    links = [dict(_LINKS.findall(path.read_text())) for path in (_HERE / "versions").glob("*.py")]
    return {link["revision"]: link["down_revision"] or None for link in links}


def newest_revision() -> str:
    """The revision that no other one follows."""
    (head,) = _revisions().keys() - set(_revisions().values())
    return head


async def current_revision(url: str) -> str | None:
    """The revision of the database; `None` before the first migration.

    Raises:
        DatabaseUnavailable: it cannot be reached.
    """
    if url.startswith("sqlite"):
        return _revision_of_file(Path(url.removeprefix("sqlite:///")))
    asyncpg = driver()
    try:
        connection = await asyncpg.connect(url, timeout=_CONNECT_SECONDS)
    except (ValueError, *connection_errors()) as error:
        raise unavailable(error) from None
    try:
        return await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()


def _revision_of_file(path: Path) -> str | None:
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(path)) as file:
            return _sqlite_revision(file)
    except sqlite3.Error as error:
        raise DatabaseUnavailable(f"{path}: {error}") from None


def _sqlite_revision(connection: sqlite3.Connection) -> str | None:
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return None
    return row[0] if row else None


async def upgrade_if_needed(url: str) -> bool:
    """Make the tables or run the migrations that are missing; whether there were any.

    Raises:
        DatabaseUnavailable: it cannot be reached.
        UnknownSchema: it is at a revision that cannot be upgraded.
    """
    revision = await current_revision(url)
    if revision == newest_revision():
        return False
    if revision is not None:
        _require_known(revision)
    if revision is None and url.startswith("sqlite"):
        create_sqlite_file(Path(url.removeprefix("sqlite:///")))
    else:
        await asyncio.to_thread(migrate, url)
    return True


def _require_known(revision: str) -> None:
    if revision in _revisions() or revision in _NAMED:
        return
    if revision.isdecimal():
        raise UnknownSchema(
            f"the database is at {revision}, and this version knows {newest_revision()}: install the newer"
            " version that made it, or restore a backup."
        )
    raise UnknownSchema(
        f"the database is at {revision}, from before migrations had numbers: run `greffier migrate` of commit"
        " 4d79dee first, then this one again."
    )


def create_sqlite_file(path: Path) -> None:
    """Make all tables in one transaction. Of processes that start together one makes them."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_tables(path)
    except OSError as error:
        raise DatabaseUnavailable(f"{path}: {error.strerror}") from None
    except sqlite3.OperationalError as error:
        raise DatabaseUnavailable(f"{path}: {error}") from None


def _make_tables(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as file:
        file.execute("BEGIN IMMEDIATE")
        if _sqlite_revision(file) is None:
            for statement in _definitions():
                file.execute(statement)
            file.execute("INSERT INTO alembic_version VALUES (?)", (newest_revision(),))
        file.execute("COMMIT")


def _definitions() -> Iterator[str]:
    from sqlalchemy.dialects import sqlite
    from sqlalchemy.schema import CreateIndex, CreateTable

    from greffier.server.store.all_tables import metadata

    dialect = sqlite.dialect()
    for table in metadata.sorted_tables:
        yield str(CreateTable(table).compile(dialect=dialect))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield str(CreateIndex(index).compile(dialect=dialect))
    yield "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"


def migrate(url: str, revision: str = "head") -> None:
    """Run the migrations that are missing, with Alembic.

    Args:
        revision: the last one to run.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["url"] = url
    with _ONE_AT_A_TIME:
        command.upgrade(config, revision)
