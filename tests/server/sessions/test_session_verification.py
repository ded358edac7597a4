"""`POST /v1/sessions/{id}/verify`, which SDKs of before 2025-04-10 ask for."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support.answers import error_of
from tests.support.server import Backend, Browser, TestServer

OLD = "2021-02-05"


@pytest.fixture
def backend(server: TestServer) -> Backend:
    """An SDK of 2022."""
    return server.backend(version=OLD)


@pytest.fixture
async def ada(server: TestServer) -> Browser:
    browser = server.browser()
    await browser.sign_up()
    return browser


async def session_of(browser: Browser) -> Any:
    return (await browser.get("/v1/client")).json()["response"]["sessions"][0]


async def verify(backend: Backend, session_id: str, token: str) -> httpx.Response:
    return await backend.post(f"/v1/sessions/{session_id}/verify", token=token)


async def test_good_token_of_a_live_session_is_answered_with_the_session(
    ada: Browser, backend: Backend
) -> None:
    session = await session_of(ada)

    verified = await verify(backend, session["id"], session["last_active_token"]["jwt"])

    assert verified.status_code == 200
    assert (verified.json()["id"], verified.json()["status"]) == (session["id"], "active")
    assert "tasks" not in verified.json()


async def test_expired_token_is_refused(server: TestServer, ada: Browser, backend: Backend) -> None:
    session = await session_of(ada)

    server.clock.advance(seconds=60)

    refused = await verify(backend, session["id"], session["last_active_token"]["jwt"])
    assert error_of(refused)[:2] == (401, "authentication_invalid")


async def test_revoked_session_is_refused_though_its_token_is_good(ada: Browser, backend: Backend) -> None:
    session = await session_of(ada)
    await backend.post(f"/v1/sessions/{session['id']}/revoke")

    refused = await verify(backend, session["id"], session["last_active_token"]["jwt"])

    assert error_of(refused)[:2] == (401, "authentication_invalid")


@pytest.mark.parametrize("token", ["", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzaWQiOiJzZXNzIn0."])
async def test_what_is_no_token_of_ours_is_refused(ada: Browser, backend: Backend, token: str) -> None:
    session = await session_of(ada)

    assert (await verify(backend, session["id"], token)).status_code == 401


async def test_token_of_another_session_is_refused(
    server: TestServer, ada: Browser, backend: Backend
) -> None:
    phone = server.browser()
    await phone.sign_in()
    session, other = await session_of(ada), await session_of(phone)

    refused = await verify(backend, session["id"], other["last_active_token"]["jwt"])

    assert error_of(refused)[:2] == (401, "authentication_invalid")


async def test_neighbours_session_is_not_found(server: TestServer, ada: Browser) -> None:
    session = await session_of(ada)
    neighbour = await server.neighbour()
    neighbour.version = neighbour.http.headers["clerk-api-version"] = OLD

    response = await verify(neighbour, session["id"], session["last_active_token"]["jwt"])

    assert response.status_code == 404


async def test_newer_versions_do_not_have_it(server: TestServer, ada: Browser) -> None:
    session = await session_of(ada)

    response = await verify(server.backend(), session["id"], session["last_active_token"]["jwt"])

    assert response.status_code == 404
