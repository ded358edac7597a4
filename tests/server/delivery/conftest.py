"""A database of each kind, and what tests of the outbox ask it."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from greffier.server.delivery.messages import Message
from greffier.server.delivery.outbox import queue_message
from greffier.server.delivery.tables import MessageRow, messages
from greffier.server.store.clock import ManualClock
from greffier.server.store.database import Database
from greffier.server.store.opening import open_database
from tests.support.contract.schema import create_postgresql_tables, create_sqlite_tables, insert_instance
from tests.support.services.databases import PostgresServer


class Mailbox:
    """The messages in a database, written and read the way other rooms and the inbox do it."""

    def __init__(self, database: Database, clock: ManualClock, instance_id: str) -> None:
        self.database = database
        self.clock = clock
        self.instance_id = instance_id

    async def queue(self, to: str = "ada@example.com", code: str = "123456", **values: object) -> str:
        message = Message(
            kind="verification_code",
            to_address=to,
            subject=f"Code for {to}",
            body_text=f"Your code is {code}",
            body_html=f"<b>{code}</b>",
            code=code,
            links=("https://app.example.com/verify",),
            **values,  # pyright: ignore[reportArgumentType]
        )
        async with self.database.transaction() as db:
            return await queue_message(
                db, instance_id=self.instance_id, now=self.clock.now_ms(), message=message
            )

    async def rows(self) -> list[MessageRow]:
        async with self.database.transaction() as db:
            return await db.select(sa.select(messages).order_by(messages.c.position), MessageRow)

    async def row(self) -> MessageRow:
        (row,) = await self.rows()
        return row


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield create_sqlite_tables(tmp_path / "test.db")
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    template: Callable[..., str] = request.getfixturevalue("postgres_template")
    with postgres.database(template("delivery", create_postgresql_tables)) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = open_database(database_url)
    await database.start()
    yield database
    await database.stop()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def mailbox(database: Database, clock: ManualClock) -> Mailbox:
    return Mailbox(database, clock, await insert_instance(database))
