"""Databases with this server's tables, made without migrations, for tests of single rooms."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine

from greffier.server.instances.queries import INSERT_INSTANCE
from greffier.server.instances.tables import InstanceRow
from greffier.server.store.database import Database
from greffier.server.store.migrate import create_sqlite_file
from greffier.server.store.tables import metadata


def create_sqlite_tables(path: Path) -> str:
    """Make the tables in a new file; returns its URL."""
    create_sqlite_file(path)
    return f"sqlite:///{path}"


def create_postgresql_tables(url: str) -> None:
    """Make the tables of every imported room in an empty database. Not to be called in an event loop."""

    async def create() -> None:
        engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
        async with engine.begin() as connection:
            await connection.run_sync(_with_partial_indexes().create_all)
        await engine.dispose()

    asyncio.run(create())


def _with_partial_indexes() -> MetaData:
    """The tables, whose partial indexes are declared for SQLite alone, since migrations make PostgreSQL's."""
    for index in (index for table in metadata.tables.values() for index in table.indexes):
        index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]
    return metadata


async def insert_instance(database: Database, instance_id: str = "ins_one") -> str:
    """An instance for rows to belong to; returns its id."""
    row = InstanceRow(
        id=instance_id,
        environment="development",
        publishable_key=f"pk_test_{instance_id}",
        frontend_api_host=f"clerk.{instance_id.replace('_', '-')}.localhost",
        domain=None,
        code_key="key",
        settings={"application_name": "Otter & Sons"},
        created_at=0,
        updated_at=0,
    )
    async with database.transaction() as db:
        await db.insert(INSERT_INSTANCE, row)
    return instance_id


async def eventually(condition: Callable[[], object], *, seconds: float = 10) -> None:
    """Return once the condition holds.

    Raises:
        AssertionError: it did not hold within `seconds`.
    """
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"not within {seconds} s: {condition}") from None
