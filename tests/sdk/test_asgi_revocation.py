"""Sessions of FastAPI, Starlette and Litestar applications end within a minute of their revocation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from greffier.testing import TestServer
from tests.sdk.test_every_framework import of_fastapi, of_litestar, of_starlette

APP_URL = "http://localhost"
PAGE = {"sec-fetch-dest": "document", "accept": "text/html"}
#: The lifetime of a session token, and how far clocks may differ.
MINUTE = 60 + 5

each_framework = pytest.mark.parametrize("made", [of_fastapi, of_starlette, of_litestar])


@pytest.fixture(scope="module")
def running_server() -> Iterator[TestServer]:
    with TestServer() as server:
        yield server


@pytest.fixture
def server(running_server: TestServer) -> TestServer:
    running_server.reset()
    return running_server


@each_framework
async def test_s11_7_a_revoked_session_of_an_asgi_app_is_refused_within_a_minute(
    server: TestServer, made: Any
) -> None:
    session = server.sign_in(server.create_user(email_address="ada@example.com"), app_url=APP_URL)
    async with session.httpx_client(made(**server.settings())) as visitor:
        session.revoke()
        assert (await visitor.get("/me")).status_code == 200
        server.clock.advance(seconds=MINUTE)
        fetched, page = await visitor.get("/me"), await visitor.get("/me", headers=PAGE)

    assert (fetched.status_code, page.status_code) == (401, 307)
    assert fetched.headers["x-clerk-auth-status"] == "signed-out"


@each_framework
async def test_expired_token_of_a_live_session_is_replaced_on_the_way_to_an_asgi_app(
    server: TestServer, made: Any
) -> None:
    user = server.create_user(email_address="ada@example.com")
    session = server.sign_in(user, app_url=APP_URL)
    async with session.httpx_client(made(**server.settings())) as visitor:
        server.clock.advance(minutes=10)
        page = await visitor.get("/me", headers=PAGE)
        # The cookie that came with it is good for the next minute.
        server.clock.advance(seconds=30)
        fetched = await visitor.get("/me")

    assert [one.json()["user_id"] for one in (page, fetched)] == [user.id] * 2
