"""Sessions of every framework's applications end within a minute of their revocation, and go on otherwise."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from flask import Flask

from greffier.flask import Auth, current_auth
from greffier.testing import Session, TestServer
from tests.sdk.frameworks.test_every_framework import of_fastapi, of_litestar, of_starlette

APP_URL = "http://localhost"
PAGE = {"Sec-Fetch-Dest": "document", "Accept": "text/html"}
#: The lifetime of a session token, and how far clocks may differ.
MINUTE = 60 + 5

VisitorOf = Callable[[TestServer, Session], AbstractAsyncContextManager[Any]]


@pytest.fixture(scope="module")
def running_server() -> Iterator[TestServer]:
    with TestServer() as server:
        yield server


@pytest.fixture
def server(running_server: TestServer) -> TestServer:
    running_server.reset()
    return running_server


def visitor_of_asgi(made: Callable[..., Any]) -> VisitorOf:
    @asynccontextmanager
    async def visitor(server: TestServer, session: Session) -> AsyncIterator[Any]:
        async with session.httpx_client(made(**server.settings())) as client:
            yield client

    return visitor


@asynccontextmanager
async def visitor_of_flask(server: TestServer, session: Session) -> AsyncIterator[Any]:
    app = Flask("revocation")
    Auth(app, **server.settings())
    app.add_url_rule("/me", "me", lambda: {"user_id": current_auth.user_id})
    yield session.flask_client(app)


@asynccontextmanager
async def visitor_of_django(server: TestServer, session: Session) -> AsyncIterator[Any]:
    from django.test import override_settings

    import tests.sdk.django.project  # noqa: F401 - sets Django up

    with override_settings(GREFFIER=server.settings()):
        yield session.django_client(headers={"Host": "localhost"})


each_framework = pytest.mark.parametrize(
    "visitor_of",
    [
        *(visitor_of_asgi(made) for made in (of_fastapi, of_starlette, of_litestar)),
        visitor_of_flask,
        visitor_of_django,
    ],
    ids=["fastapi", "starlette", "litestar", "flask", "django"],
)


async def answer_to(visitor: Any, **options: Any) -> Any:
    answer = visitor.get("/me", **options)
    return await answer if inspect.isawaitable(answer) else answer


def user_in(answer: Any) -> str | None:
    said = answer.get_json() if hasattr(answer, "get_json") else answer.json()
    return said["user_id"]


@each_framework
async def test_a_revoked_session_is_refused_within_a_minute(
    server: TestServer, visitor_of: VisitorOf
) -> None:
    session = server.sign_in(server.create_user(email_address="ada@example.com"), app_url=APP_URL)
    async with visitor_of(server, session) as visitor:
        session.revoke()
        assert (await answer_to(visitor)).status_code == 200
        server.clock.advance(seconds=MINUTE)
        fetched, page = await answer_to(visitor), await answer_to(visitor, headers=PAGE)

    assert (fetched.status_code, page.status_code) == (401, 307)
    assert fetched.headers["x-clerk-auth-status"] == "signed-out"


@each_framework
async def test_expired_token_of_a_live_session_is_replaced_on_the_way(
    server: TestServer, visitor_of: VisitorOf
) -> None:
    user = server.create_user(email_address="ada@example.com")
    session = server.sign_in(user, app_url=APP_URL)
    async with visitor_of(server, session) as visitor:
        server.clock.advance(minutes=10)
        page = await answer_to(visitor, headers=PAGE)
        # The cookie that came with it is good for the next minute.
        server.clock.advance(seconds=30)
        fetched = await answer_to(visitor)

    assert [user_in(one) for one in (page, fetched)] == [user.id] * 2


async def test_form_ends_the_session_at_the_server(server: TestServer) -> None:
    session = server.sign_in(server.create_user(email_address="ada@example.com"), app_url=APP_URL)
    app = of_starlette(**server.settings())
    async with session.httpx_client(app) as elsewhere, session.httpx_client(app) as visitor:
        form = {**PAGE, "origin": APP_URL}
        server.clock.advance(minutes=10)  # the token has expired meanwhile
        done = await visitor.post("/__greffier/sign-out", headers=form, follow_redirects=False)
        stolen = await elsewhere.get("/me", headers=PAGE, follow_redirects=False)

    assert done.status_code == 303
    assert "__session=;" in done.headers["set-cookie"]
    assert stolen.status_code == 307
