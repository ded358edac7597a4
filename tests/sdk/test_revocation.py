"""Sessions of Flask and Django applications end within a minute of their revocation, and go on otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask

from greffier.flask import Auth, current_auth
from greffier.testing import Session, TestServer

APP_URL = "http://localhost"
PAGE = {"Sec-Fetch-Dest": "document", "Accept": "text/html"}
#: The lifetime of a session token, and how far clocks may differ.
MINUTE = 60 + 5


@pytest.fixture(scope="module")
def running_server() -> Iterator[TestServer]:
    with TestServer() as server:
        yield server


@pytest.fixture
def server(running_server: TestServer) -> TestServer:
    running_server.reset()
    return running_server


@contextmanager
def flask_visitor(server: TestServer, session: Session) -> Iterator[Any]:
    app = Flask("revocation")
    Auth(app, **server.settings())
    app.add_url_rule("/me", "me", lambda: {"user_id": current_auth.user_id})
    yield session.flask_client(app)


@contextmanager
def django_visitor(server: TestServer, session: Session) -> Iterator[Any]:
    from django.test import override_settings

    import tests.sdk.django.project  # noqa: F401 - sets Django up

    with override_settings(GREFFIER=server.settings()):
        yield session.django_client(headers={"Host": "localhost"})


each_framework = pytest.mark.parametrize("visitor_of", [flask_visitor, django_visitor])
VisitorOf = Callable[[TestServer, Session], Any]


@each_framework
def test_s11_7_a_revoked_session_is_refused_within_a_minute(
    server: TestServer, visitor_of: VisitorOf
) -> None:
    session = server.sign_in(server.create_user(email_address="ada@example.com"), app_url=APP_URL)
    with visitor_of(server, session) as visitor:
        session.revoke()
        assert visitor.get("/me").status_code == 200
        server.clock.advance(seconds=MINUTE)
        fetched, page = visitor.get("/me"), visitor.get("/me", headers=PAGE)

    assert (fetched.status_code, page.status_code) == (401, 307)
    assert fetched.headers["x-clerk-auth-status"] == "signed-out"


@each_framework
def test_expired_token_of_a_live_session_is_replaced_on_the_way(
    server: TestServer, visitor_of: VisitorOf
) -> None:
    user = server.create_user(email_address="ada@example.com")
    session = server.sign_in(user, app_url=APP_URL)
    with visitor_of(server, session) as visitor:
        server.clock.advance(minutes=10)
        page = visitor.get("/me", headers=PAGE)
        # The cookie that came with it is good for the next minute.
        server.clock.advance(seconds=30)
        fetched = visitor.get("/me")

    said = [answer.get_json() if hasattr(answer, "get_json") else answer.json() for answer in (page, fetched)]
    assert [one["user_id"] for one in said] == [user.id] * 2
