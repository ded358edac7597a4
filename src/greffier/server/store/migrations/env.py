"""The connection of Alembic: the standard library's driver for SQLite, asyncpg for PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import Any

import sqlalchemy as sa
from alembic import context
from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine


def _run(connection: sa.Connection) -> None:
    from greffier.server.store.all_tables import metadata
    from greffier.server.store.migrations.before_numbers import number_schema

    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        transaction_per_migration=False,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            # Two processes that start together migrate one after the other.
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(7163926814)"))
        number_schema(connection)
        context.run_migrations()


async def _run_on_postgresql(url: str) -> None:
    engine = create_async_engine(url.replace("postgres://", "postgresql://").replace("://", "+asyncpg://", 1))
    async with engine.connect() as connection:
        await connection.run_sync(_run)
        await connection.commit()
    await engine.dispose()


def main(url: Any) -> None:
    if url.startswith("sqlite"):
        engine = sa.create_engine(url, connect_args={"timeout": 30})

        @event.listens_for(engine, "begin")
        def _begin(connection: sa.Connection) -> None:  # pyright: ignore[reportUnusedFunction]
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        @event.listens_for(engine, "connect")
        def _connect(dbapi_connection: Any, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction]
            dbapi_connection.isolation_level = None

        with engine.connect() as connection:
            _run(connection)
            connection.commit()
        engine.dispose()
    else:
        asyncio.run(_run_on_postgresql(url))


main(context.config.attributes["url"])
