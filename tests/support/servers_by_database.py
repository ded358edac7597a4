"""Test servers on each kind of database."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from greffier.server.app import Server
from greffier.server.settings import Settings
from greffier.testing import TestServer
from greffier.testing.hosting.database import first_database
from tests.support.services.database_pool import DatabasePool
from tests.support.services.databases import PostgresServer

NewTestServer = Callable[[], AbstractContextManager[TestServer]]


class _PostgresTestServer(TestServer):
    """On a PostgreSQL database that holds the instance and nothing else. It cannot be reset."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    async def _start(self, path: Path) -> Server:
        return await self._serve(self._url)


async def _build(url: str) -> None:
    app = Server(Settings(database_url=url), first_database()[0])
    await app.start()
    await app.stop()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def new_test_server(request: pytest.FixtureRequest) -> NewTestServer:
    """`with new_test_server() as server`; the test runs once on each kind of database."""
    if request.param == "sqlite":
        return TestServer
    postgres: PostgresServer = request.getfixturevalue("postgres")
    pool: DatabasePool = request.getfixturevalue("postgres_pool")
    template: Callable[[str, Callable[[str], None]], str] = request.getfixturevalue("postgres_template")

    @contextmanager
    def on_postgresql() -> Generator[TestServer]:
        with (
            pool.database(template("test server", lambda url: postgres.wait(_build(url)))) as url,
            _PostgresTestServer(url) as server,
        ):
            yield server

    return on_postgresql
