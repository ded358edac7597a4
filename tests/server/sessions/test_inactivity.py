"""Sessions end when they are not used for as long as the instance says."""

from __future__ import annotations

import pytest

from tests.support.configuring import configure
from tests.support.server import Browser, TestServer

TIMEOUT = 1800
DAY = 24 * 3600


@pytest.fixture
async def ada(server: TestServer) -> Browser:
    await configure(server, {"session": {"inactivity_timeout": TIMEOUT}})
    browser = server.browser()
    await browser.sign_up()
    return browser


async def session_id_of(browser: Browser) -> str:
    return (await browser.get("/v1/client")).json()["response"]["last_active_session_id"]


async def test_unused_session_is_abandoned(server: TestServer, ada: Browser) -> None:
    session_id = await session_id_of(ada)

    server.clock.advance(seconds=TIMEOUT)

    assert (await ada.get("/v1/client")).json()["response"]["sessions"] == []
    assert (await ada.token(session_id)).status_code == 401
    assert (await ada.post(f"/v1/client/sessions/{session_id}/touch")).status_code == 401
    shown = (await server.backend().get(f"/v1/sessions/{session_id}")).json()
    assert shown["status"] == "abandoned"


async def test_lists_know_abandoned_sessions_from_expired_ones(server: TestServer, ada: Browser) -> None:
    session_id, backend = await session_id_of(ada), server.backend()

    server.clock.advance(seconds=TIMEOUT)
    abandoned = (await backend.get("/v1/sessions", status="abandoned")).json()
    active = (await backend.get("/v1/sessions", status="active")).json()
    server.clock.advance(seconds=7 * DAY)
    expired = (await backend.get("/v1/sessions", status="expired")).json()

    assert ([s["id"] for s in abandoned], active) == ([session_id], [])
    assert [(s["id"], s["status"]) for s in expired] == [(session_id, "expired")]


async def test_tokens_keep_a_session_active(server: TestServer, ada: Browser) -> None:
    session_id = await session_id_of(ada)

    for _ in range(10):
        server.clock.advance(seconds=TIMEOUT // 2)
        assert (await ada.token(session_id)).status_code == 200


async def test_touch_keeps_a_session_active(server: TestServer, ada: Browser) -> None:
    session_id = await session_id_of(ada)

    for _ in range(3):
        server.clock.advance(seconds=TIMEOUT - 1)
        assert (await ada.post(f"/v1/client/sessions/{session_id}/touch")).status_code == 200


async def test_activity_does_not_outlast_the_session(server: TestServer, ada: Browser) -> None:
    await configure(server, {"session": {"lifetime": TIMEOUT}})
    browser = server.browser()
    await browser.sign_in()
    session_id = await session_id_of(browser)

    server.clock.advance(seconds=TIMEOUT - 1)
    last = await browser.token(session_id)
    server.clock.advance(seconds=1)

    assert (last.status_code, (await browser.token(session_id)).status_code) == (200, 401)


async def test_without_a_timeout_sessions_rest_as_long_as_they_live(server: TestServer) -> None:
    await configure(server, {"session": {"lifetime": 60 * 24 * 3600}})
    browser = server.browser()
    await browser.sign_up()
    session_id = await session_id_of(browser)

    server.clock.advance(seconds=59 * DAY)

    assert (await browser.token(session_id)).status_code == 200


async def test_timeout_that_is_switched_off_later_no_longer_ends_used_sessions(
    server: TestServer, ada: Browser
) -> None:
    session_id = await session_id_of(ada)
    await configure(server, {"session": {"inactivity_timeout": None}})

    server.clock.advance(seconds=TIMEOUT - 1)
    await ada.token(session_id)
    server.clock.advance(seconds=2 * DAY)

    assert (await ada.token(session_id)).status_code == 200
