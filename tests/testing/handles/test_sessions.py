"""Users and sessions in one line, and what an app's own middleware makes of them."""

import time

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

import greffier
from greffier.asgi import AuthMiddleware
from greffier.sdk.http.transport import HttpRequest, HttpResponse
from greffier.testing import ServerRefused, Session, TestServer, User
from tests.support.answers import claims_of
from tests.testing.apps import fastapi_app, starlette_app

PASSWORD = "correct horse battery staple"


@pytest.fixture
def ada(server: TestServer) -> User:
    return server.create_user(email_address="ada@example.com", public_metadata={"plan": "pro"})


@pytest.fixture
def session(server: TestServer, ada: User) -> Session:
    return server.sign_in(ada)


async def test_a_session_signs_a_client_in_by_cookies(
    server: TestServer, session: Session, ada: User
) -> None:
    async with session.httpx_client(fastapi_app(**server.settings())) as client:
        answer = await client.get("/me")
    assert answer.json() == {"user_id": ada.id, "session_id": session.id, "actor": None}


async def test_a_session_signs_a_request_in_by_its_header(
    server: TestServer, session: Session, ada: User
) -> None:
    app = starlette_app(**server.settings())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as client:
        assert (await client.get("/me")).status_code == 401
        answer = await client.get("/me", headers=session.headers())
    assert answer.json() == {"user_id": ada.id}


async def test_the_app_asks_the_backend_api_without_sockets(server: TestServer, session: Session) -> None:
    async with session.httpx_client(fastapi_app(**server.settings())) as client:
        answer = (await client.get("/profile")).json()
    assert answer["metadata"] == {"plan": "pro"}
    assert claims_of(answer["token"])["sid"] == session.id


def test_cookies_are_those_of_a_real_browser(server: TestServer, session: Session) -> None:
    cookies = session.cookies()
    (suffix,) = [name.removeprefix("__refresh_") for name in cookies if name.startswith("__refresh_")]
    names = {"__session", "__client_uat", "__clerk_db_jwt"}
    assert set(cookies) == names | {f"{name}_{suffix}" for name in names} | {f"__refresh_{suffix}"}
    assert claims_of(cookies["__session"])["sid"] == session.id
    assert abs(int(cookies["__client_uat"]) - time.time()) < 10


def test_tokens_name_the_app_as_their_authorized_party(server: TestServer, ada: User) -> None:
    session = server.sign_in(ada, app_url="https://app.example.test:8443/start")
    assert claims_of(session.token())["azp"] == "https://app.example.test:8443"
    assert claims_of(session.cookies()["__session"])["azp"] == "https://app.example.test:8443"


def test_a_template_that_is_not_there_is_told(session: Session) -> None:
    with pytest.raises(ServerRefused) as refused:
        session.token(template="hasura")
    assert (refused.value.status, refused.value.code) == (404, "resource_not_found")


async def test_an_expired_token_is_refused_as_expired(server: TestServer, session: Session) -> None:
    token = session.expired_token(seconds_ago=30)
    claims = claims_of(token)
    assert claims["exp"] - claims["iat"] == 60
    assert 29 <= time.time() - claims["exp"] <= 35
    async with session.httpx_client(fastapi_app(**server.settings()), cookies={}) as client:
        client.cookies.clear()
        answer = await client.get("/me", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.headers["x-clerk-auth-reason"].startswith("session-token-expired")


def test_a_token_of_an_unknown_session_cannot_be_made(server: TestServer) -> None:
    with pytest.raises(ServerRefused, match="no such session"):
        server.token_of_the_past("sess_none", azp="http://testserver", seconds_ago=1)


def test_a_revoked_session_gets_no_new_token(session: Session) -> None:
    session.revoke()
    assert session.status == "revoked"
    with pytest.raises(ServerRefused):
        session.token()


async def test_signed_out_session_has_the_cookies_of_a_signed_out_browser(
    server: TestServer, session: Session
) -> None:
    server.sign_out(session)
    assert session.status in ("removed", "ended")
    cookies = session.cookies()
    assert cookies["__client_uat"] == "0"
    assert "__session" not in cookies
    async with session.httpx_client(fastapi_app(**server.settings())) as client:
        assert (await client.get("/")).json() == {"user_id": None}
        assert (await client.get("/me")).status_code == 401


async def test_a_pending_session_is_signed_out_for_the_app(server: TestServer) -> None:
    grace = server.create_user(email_address="grace@example.com", password=PASSWORD)
    session = server.sign_in(grace, pending=True)
    assert session.status == "pending"
    async with session.httpx_client(fastapi_app(**server.settings())) as client:
        answer = await client.get("/me")
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "session_pending"


async def test_an_impersonated_session_says_who_acts(server: TestServer, ada: User) -> None:
    support = server.create_user(email_address="support@example.com")
    session = server.sign_in(ada, actor=support)
    async with session.httpx_client(fastapi_app(**server.settings())) as client:
        answer = (await client.get("/me")).json()
    assert answer == {"user_id": ada.id, "session_id": session.id, "actor": support.id}


def test_sessions_of_several_people_do_not_mix(server: TestServer, session: Session) -> None:
    grace = server.create_user(email_address="grace@example.com")
    other = server.sign_in(grace.id)
    assert claims_of(session.cookies()["__session"])["sub"] == session.user.id
    assert claims_of(other.cookies()["__session"])["sub"] == grace.id


def test_who_is_banned_cannot_be_signed_in(server: TestServer, ada: User) -> None:
    server.backend_api("POST", f"/v1/users/{ada.id}/ban")
    with pytest.raises(ServerRefused) as refused:
        server.sign_in(ada)
    assert refused.value.code == "user_banned"


def test_an_address_that_is_taken_is_told(server: TestServer, ada: User) -> None:
    with pytest.raises(ServerRefused) as refused:
        server.create_user(email_address="ada@example.com")
    assert refused.value.code == "form_identifier_exists"


def test_representations_hold_no_secrets(server: TestServer, session: Session) -> None:
    grace = server.create_user(email_address="grace@example.com", password=PASSWORD)
    assert PASSWORD not in repr(grace)
    assert server.secret_key not in repr(server)
    assert repr(session) == f"<Session {session.id} of ada@example.com>"


async def test_auth_and_current_user_are_in_the_main_package_and_cost_one_request_at_most(
    server: TestServer, session: Session, ada: User
) -> None:
    asked: list[str] = []

    class Counting:
        def send(self, request: HttpRequest) -> HttpResponse:
            asked.append(request.url)
            return server.transport.send(request)

        async def send_async(self, request: HttpRequest) -> HttpResponse:
            asked.append(request.url)
            return await server.transport.send_async(request)

    async def both(request: Request) -> JSONResponse:
        users = [await greffier.current_user(), await greffier.current_user()]
        return JSONResponse([greffier.auth().user_id, *(user["id"] for user in users if user)])

    app = AuthMiddleware(
        Starlette(routes=[Route("/", both)]), **server.settings(transport=Counting(), public_routes=["/"])
    )
    async with session.httpx_client(app) as client:
        assert (await client.get("/")).json() == [ada.id, ada.id, ada.id]
        assert asked == [f"{server.url}/v1/users/{ada.id}"]
        client.cookies.clear()
        assert (await client.get("/")).json() == [None]
    assert len(asked) == 1


async def test_a_session_is_revocable_although_its_tokens_are_verified_without_asking(
    server: TestServer, session: Session
) -> None:
    headers = session.headers()
    without_server = server.settings(transport=None, secret_key=None)
    app = starlette_app(**without_server)
    async with session.httpx_client(app) as client:
        client.cookies.clear()
        session.revoke()
        assert (await client.get("/me", headers=headers)).status_code == 200
        with pytest.raises(ServerRefused):
            session.token()
        server.clock.advance(seconds=60 + 6)
        assert (await client.get("/me", headers=headers)).status_code == 401
