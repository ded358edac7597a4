"""A database that is gone or hangs: who needs it is told to come back, and what does not need it goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from greffier.server.settings import Timeouts
from greffier.server.store.database import DatabaseUnavailable
from greffier.server.store.opening import open_database
from greffier.server.web.http import reply
from tests.support.server import DEVELOPMENT, Browser, TestServer, running
from tests.support.services.databases import BreakablePostgres

ADA = "ada+clerk_test@example.com"


@asynccontextmanager
async def signed_in(url: str, **settings: object) -> AsyncIterator[tuple[TestServer, Browser, str]]:
    """A server on that database, and a signed-in browser with the id of its session."""
    async with running(url, DEVELOPMENT, **settings) as server:
        browser = server.browser()
        client = await browser.sign_up(ADA)
        yield server, browser, client["last_active_session_id"]


def is_outage(response: httpx.Response) -> bool:
    assert response.status_code == 503, response.text
    assert response.json()["errors"][0]["code"] == "service_unavailable"
    return int(response.headers["retry-after"]) > 0


async def test_who_needs_a_database_that_is_gone_is_told_to_come_back(
    breakable_postgres: BreakablePostgres,
) -> None:
    async with signed_in(breakable_postgres.url) as (server, browser, session_id):
        backend = server.backend()
        breakable_postgres.stop()

        assert is_outage(await browser.token(session_id))
        assert is_outage(await browser.get("/v1/client"))
        assert is_outage(await browser.http.get("/v1/health"))
        assert is_outage(
            await browser.http.get("/v1/client/handshake", params={"redirect_url": "http://localhost:3000"})
        )
        assert is_outage(await backend.post("/v1/api_keys/verify", secret="ak_" + "0" * 32))
        assert is_outage(await backend.get("/v1/users"))
        assert is_outage(await browser.http.get("/inbox", params={"to": ADA}))


async def test_what_needs_no_database_goes_on_without_it(breakable_postgres: BreakablePostgres) -> None:
    async with signed_in(breakable_postgres.url) as (server, browser, _):
        assert "__client" in browser.http.cookies
        breakable_postgres.stop()

        keys = await browser.http.get("/.well-known/jwks.json")
        environment = await browser.get("/v1/environment")
        metrics = await browser.http.get("/metrics", headers={"host": "localhost"})
        keys_by_secret = await server.backend().get("/v1/jwks")

    assert keys.json() == keys_by_secret.json()
    assert environment.json()["auth_config"]
    assert environment.status_code == 200
    assert metrics.status_code == 404 or "greffier_database_up 0.0" in metrics.text


async def test_people_see_a_page_about_the_outage(breakable_postgres: BreakablePostgres) -> None:
    async with signed_in(breakable_postgres.url) as (_, browser, _):
        breakable_postgres.stop()

        page = await browser.http.get("/sign-in", headers={"accept": "text/html"})

    assert page.status_code == 503
    assert page.headers["content-type"].startswith("text/html")
    assert "cannot answer at the moment" in page.text


async def test_server_goes_on_when_its_database_is_back(breakable_postgres: BreakablePostgres) -> None:
    async with signed_in(breakable_postgres.url) as (_, browser, session_id):
        breakable_postgres.stop()
        assert is_outage(await browser.token(session_id))
        breakable_postgres.start()

        assert (await browser.token(session_id)).status_code == 200


async def test_outage_is_logged_once_a_second_without_a_trace(
    breakable_postgres: BreakablePostgres, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply, "_outage", reply._Outage())
    async with signed_in(breakable_postgres.url) as (_, browser, session_id):
        breakable_postgres.stop()
        began = time.monotonic()
        for _ in range(20):
            await browser.token(session_id)
        took = time.monotonic() - began

    said = [record for record in caplog.records if record.name == "greffier.web"]
    assert 1 <= len(said) <= 1 + took
    assert all("does not answer" in record.getMessage() and not record.exc_info for record in said)


async def test_request_does_not_wait_for_a_database_that_hangs(
    breakable_postgres: BreakablePostgres,
) -> None:
    timeouts = Timeouts(acquire=0.3, statement=0.3)
    async with signed_in(breakable_postgres.url, database_timeouts=timeouts) as (_, browser, session_id):
        breakable_postgres.freeze()
        try:
            began = time.monotonic()
            crowd = await asyncio.gather(*(browser.token(session_id) for _ in range(30)))
            took = time.monotonic() - began
        finally:
            breakable_postgres.thaw()

        assert all(is_outage(answer) for answer in crowd)
        assert took < 10
        assert (await browser.token(session_id)).status_code == 200


async def test_change_is_not_half_written_when_the_database_hangs(
    breakable_postgres: BreakablePostgres,
) -> None:
    timeouts = Timeouts(acquire=0.3, statement=0.3)
    async with signed_in(breakable_postgres.url, database_timeouts=timeouts) as (_, browser, _):
        breakable_postgres.freeze()
        try:
            assert is_outage(await browser.patch("/v1/me", first_name="Ada"))
        finally:
            breakable_postgres.thaw()

        assert (await browser.get("/v1/me")).json()["response"]["first_name"] is None


async def test_reason_of_an_outage_holds_no_password() -> None:
    database = open_database("postgresql://greffier:sesame@127.0.0.1:1/greffier")

    with pytest.raises(DatabaseUnavailable) as refused:
        await database.start()

    assert "sesame" not in str(refused.value)


async def test_file_that_cannot_be_opened_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    database = open_database(f"sqlite:///{tmp_path / 'file' / 'greffier.db'}")

    with pytest.raises(DatabaseUnavailable):
        await database.start()
