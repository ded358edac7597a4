"""Links in notices end the session that made the change: once, for a week, and after a confirmation."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest

from greffier.server.notices.tables import session_links
from greffier.server.settings import SmtpSettings
from greffier.server.store.statements import Statement
from tests.server.notices.people import ADA, link_in, notice, signed_in
from tests.support.server import DEVELOPMENT, Browser, TestServer, running
from tests.support.services.smtp import MailServer

WEEK = 7 * 24 * 3600


@pytest.fixture
async def http(server: TestServer) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without any cookie."""
    transport = httpx.ASGITransport(app=server.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8787") as client:
        yield client


@pytest.fixture
async def intruder(server: TestServer) -> Browser:
    """A second device of a user, about which a notice was sent."""
    await signed_in(server)
    browser = server.browser()
    await browser.sign_in(ADA)
    return browser


async def link_of(server: TestServer) -> str:
    parts = urlsplit(link_in(await notice(server)))
    return f"{parts.path}?{parts.query}"


async def status(browser: Browser) -> int:
    return (await browser.get("/v1/me")).status_code


async def test_confirmed_link_ends_the_session_of_the_new_device_only(
    server: TestServer, http: httpx.AsyncClient, intruder: Browser
) -> None:
    link = await link_of(server)

    asked = await http.get(link)
    done = await http.post(link)

    assert (asked.status_code, done.status_code) == (200, 303)
    assert done.headers["location"] == "/unauthorized-sign-in"
    assert await status(intruder) == 401


async def test_opening_the_link_ends_nothing(
    server: TestServer, http: httpx.AsyncClient, intruder: Browser
) -> None:
    """Scanners of mail open links."""
    link = await link_of(server)

    await http.get(link)
    await http.head(link)

    assert await status(intruder) == 200


async def test_used_link_is_refused(server: TestServer, http: httpx.AsyncClient, intruder: Browser) -> None:
    link = await link_of(server)
    await http.post(link)

    again = [await http.post(link), await http.get(link)]

    assert [one.status_code for one in again] == [400, 400]
    assert again[0].json()["errors"][0]["code"] == "verification_link_token_invalid"


async def test_parallel_uses_of_a_link_succeed_once(
    server: TestServer, http: httpx.AsyncClient, intruder: Browser
) -> None:
    link = await link_of(server)

    answers = await asyncio.gather(*(http.post(link) for _ in range(8)))

    assert sorted(one.status_code for one in answers) == [303, *[400] * 7]


async def test_link_expires_after_a_week(
    server: TestServer, http: httpx.AsyncClient, intruder: Browser
) -> None:
    link = await link_of(server)
    server.clock.advance(seconds=WEEK + 1)

    assert (await http.post(link)).status_code == 400


@pytest.mark.parametrize("token", ["", "x", "a" * 2000])
async def test_made_up_token_is_refused(http: httpx.AsyncClient, token: str) -> None:
    assert (await http.post(f"/end-session?token={token}")).status_code == 400


async def test_link_is_refused_at_another_instance(
    server: TestServer, http: httpx.AsyncClient, intruder: Browser
) -> None:
    link = await link_of(server)
    await server.neighbour()
    hosts = [one.frontend_api_host for one in server.app.instances]

    answers = [(await http.post(link, headers={"host": host})).status_code for host in hosts]

    assert sorted(answers) == [303, 400]


async def test_database_holds_no_token(server: TestServer, intruder: Browser) -> None:
    token = link_in(await notice(server)).rpartition("=")[2]
    async with server.app.database.transaction() as db:
        rows = await db.all(Statement(session_links.select(), lambda *row: row))

    assert len(rows) == 1
    assert token not in str(rows)


async def test_link_arrives_by_mail_in_both_bodies(
    development_database: str, mail_server: MailServer
) -> None:
    smtp = SmtpSettings(mail_server.url, "Otter <no-reply@otter.example>")
    async with running(development_database, DEVELOPMENT, smtp=smtp) as server:
        await signed_in(server)
        await server.browser().sign_in(ADA)
        [mail] = await asyncio.to_thread(mail_server.wait_for)

    assert mail.recipients == [ADA]
    assert str(mail.message["subject"]) == "New sign-in to your account (My application)"
    [in_text] = set(re.findall(r"http\S+/end-session\?token=[\w-]+", mail.text))
    assert f'href="{in_text}"' in mail.html


async def test_page_runs_no_script_and_stands_in_no_frame(
    server: TestServer, http: httpx.AsyncClient, intruder: Browser
) -> None:
    shown = await http.get(await link_of(server))

    assert "<script" not in shown.text
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["referrer-policy"] == "strict-origin"
    assert ADA not in shown.text
