"""The ASGI middleware: protected by default, in front of an app that says who it sees."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from greffier.sdk.errors import ConfigurationError
from greffier.sdk.protection.current import auth, get_auth
from tests.sdk.apps import (
    DEVELOPMENT,
    DOCUMENT,
    ORIGIN,
    PRODUCTION,
    browser,
    protected,
    signed_in_cookies,
)
from tests.sdk.recorded_backend import RecordedBackend


async def test_without_configuration_every_route_is_protected() -> None:
    async with browser(protected()) as client:
        assert (await client.get("/reports")).status_code == 401
        assert (await client.get("/")).text == "/ None"


async def test_a_signed_out_page_is_redirected_to_sign_in_and_back() -> None:
    async with browser(protected()) as client:
        answer = await client.get("/reports?year=2026&q=a%20b", headers=DOCUMENT)
    assert answer.status_code == 307
    location = urlsplit(answer.headers["location"])
    assert location._replace(query="").geturl() == "https://accounts.example.com/sign-in"
    assert parse_qs(location.query) == {"redirect_url": [f"{ORIGIN}/reports?year=2026&q=a%20b"]}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-clerk-auth-status"] == "signed-out"
    assert answer.headers["x-clerk-auth-reason"] == "session-token-and-uat-missing"


async def test_a_signed_out_form_is_not_carried_along_to_the_sign_in_page() -> None:
    async with browser(protected()) as client:
        answer = await client.post("/reports", headers=DOCUMENT, data={"secret": "x"})
    assert answer.status_code == 303


async def test_a_signed_out_api_request_gets_401_with_a_challenge() -> None:
    async with browser(protected()) as client:
        answer = await client.get("/reports", headers={"accept": "application/json"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["www-authenticate"] == 'Bearer realm="greffier"'
    assert answer.json()["errors"][0]["code"] == "authentication_required"


async def test_a_bad_token_is_called_that_in_the_challenge() -> None:
    async with browser(protected()) as client:
        answer = await client.get("/reports", headers={"authorization": "Bearer nonsense"})
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert answer.headers["x-clerk-auth-reason"] == "token-invalid"


async def test_a_signed_in_browser_passes() -> None:
    async with browser(protected(), **signed_in_cookies()) as client:
        answer = await client.get("/reports")
    assert answer.text == "/reports user_1"
    assert answer.headers["x-clerk-auth-status"] == "signed-in"


async def test_a_token_in_the_header_passes_and_wins_over_the_cookie() -> None:
    token = PRODUCTION.token(now=time.time(), sub="user_header")
    async with browser(protected(), **signed_in_cookies()) as client:
        answer = await client.get("/reports", headers={"authorization": f"Bearer {token}"})
    assert answer.text == "/reports user_header"


async def test_a_token_past_its_expiry_is_refused() -> None:
    now = int(time.time())
    async with browser(protected(), **signed_in_cookies(iat=now - 70, exp=now - 10)) as client:
        assert (await client.get("/reports")).status_code == 401


async def test_the_token_of_another_instance_is_refused() -> None:
    token = PRODUCTION.token(now=time.time(), iss="https://clerk.other.example")
    async with browser(protected()) as client:
        answer = await client.get("/reports", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.headers["x-clerk-auth-reason"] == "token-invalid-issuer"


async def test_a_dev_browser_token_means_nothing_in_production() -> None:
    async with browser(protected(), __clerk_db_jwt="dvb_1") as client:
        assert (await client.get("/reports?__clerk_db_jwt=dvb_1")).status_code == 401


async def test_a_pending_session_is_signed_out_and_sent_to_its_tasks() -> None:
    async with browser(protected(), **signed_in_cookies(v=2, sts="pending")) as client:
        assert (await client.get("/")).text == "/ None"
        page = await client.get("/reports", headers=DOCUMENT)
        fetched = await client.get("/reports")
    assert urlsplit(page.headers["location"]).path == "/sign-in/tasks"
    assert fetched.json()["errors"][0]["code"] == "session_pending"


async def test_a_relative_sign_in_page_is_public_with_all_below_it() -> None:
    async with browser(protected(sign_in_url="/login")) as client:
        assert (await client.get("/login/factor-one")).status_code == 200
        assert (await client.get("/login/../reports")).status_code == 401
        assert (await client.get("/loginx")).status_code == 401
        answer = await client.get("/reports", headers=DOCUMENT)
    assert answer.headers["location"].startswith(f"{ORIGIN}/login?redirect_url=")


async def test_sign_in_and_sign_up_are_public_unless_routes_are_a_function() -> None:
    async with browser(protected(public_routes=[])) as client:
        assert (await client.get("/sign-in/factor-one")).status_code == 200
        assert (await client.get("/sign-up")).status_code == 200
    async with browser(protected(public_routes=lambda request: False)) as client:
        assert (await client.get("/sign-in")).status_code == 401


async def test_the_frontend_api_of_an_embedded_server_is_not_touched() -> None:
    async def inner(scope: Any, receive: Any, send: Any) -> None:
        assert "greffier.auth" not in scope
        await PlainTextResponse("frontend api")(scope, receive, send)

    middleware = protected(DEVELOPMENT, inner=inner, proxy_url="/__clerk")
    async with browser(middleware) as client:
        answer = await client.get("/__clerk/v1/client/handshake", headers=DOCUMENT)
        assert answer.text == "frontend api"
        assert (await client.get("/__clerkx", headers=DOCUMENT)).status_code == 307
        assert (await client.get("/__clerk/../reports", headers=DOCUMENT)).status_code == 307
        answer = await client.get("/", headers=DOCUMENT)
    assert answer.headers["location"].startswith(f"{ORIGIN}/__clerk/v1/client/handshake?")


async def test_a_development_visitor_takes_the_dev_browser_along_to_another_origin() -> None:
    middleware = protected(DEVELOPMENT, sign_in_url="http://localhost:8100/sign-in")
    async with browser(middleware, __clerk_db_jwt="dvb_1") as client:
        answer = await client.get("/reports", headers=DOCUMENT)
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query == {"redirect_url": [f"{ORIGIN}/reports"], "__clerk_db_jwt": ["dvb_1"]}


async def test_the_parameters_of_authentication_do_not_come_back_with_the_visitor() -> None:
    async with browser(protected(DEVELOPMENT), __clerk_db_jwt="dvb_1") as client:
        answer = await client.get("/reports?__clerk_synced=true&a=1&__clerk_help=x", headers=DOCUMENT)
    assert parse_qs(urlsplit(answer.headers["location"]).query)["redirect_url"] == [f"{ORIGIN}/reports?a=1"]


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "app.example.com", "x-forwarded-host": "evil.example/@x"},
        {"host": "app.example.com", "x-forwarded-host": "a b"},
        {"host": "app.example.com", "x-forwarded-proto": "javascript"},
        {"host": "app.example.com", "x-forwarded-host": "app.example.com\\@evil.example"},
    ],
)
async def test_a_malformed_forwarded_header_is_ignored(headers: dict[str, str]) -> None:
    async with browser(protected()) as client:
        answer = await client.get("/reports", headers={**DOCUMENT, **headers})
    assert parse_qs(urlsplit(answer.headers["location"]).query) == {"redirect_url": [f"{ORIGIN}/reports"]}


async def test_forwarded_headers_can_be_distrusted() -> None:
    async with browser(protected(trust_forwarded_headers=False)) as client:
        answer = await client.get("/reports", headers={**DOCUMENT, "x-forwarded-host": "evil.example"})
    assert parse_qs(urlsplit(answer.headers["location"]).query) == {"redirect_url": [f"{ORIGIN}/reports"]}


SPELLINGS = [
    "//admin",
    "/./admin",
    "/public/../admin",
    "/admin/..;/public",
    "/public/%2e%2e/admin",
    "/%2561dmin",
]


@pytest.mark.parametrize("path", SPELLINGS)
async def test_no_spelling_of_a_protected_path_passes_the_gate(path: str) -> None:
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("the app must not run")

    scope = {
        "type": "http",
        "method": "GET",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"app.example.com")],
        "scheme": "https",
        "server": ("app.example.com", 443),
    }
    await protected(inner=inner, public_routes=["/", "/public/**"])(scope, lambda: None, send)  # type: ignore[arg-type]
    assert messages[0]["status"] == 401


async def test_a_mounted_app_is_matched_by_its_own_paths() -> None:
    inner = protected(public_routes=["/open"])
    outer = Starlette(routes=[Mount("/sub", inner)])
    async with browser(outer) as client:
        assert (await client.get("/sub/open")).status_code == 200
        assert (await client.get("/sub/other")).status_code == 401


async def test_concurrent_requests_never_see_one_another() -> None:
    together = asyncio.Barrier(20)

    async def meet(request: Request) -> PlainTextResponse:
        await together.wait()
        await asyncio.sleep(0)
        return PlainTextResponse(str(auth().user_id))

    middleware = protected(inner=Starlette(routes=[Route("/meet", meet)]))

    async def visit(number: int) -> bool:
        async with browser(middleware, **signed_in_cookies(sub=f"user_{number}")) as client:
            return (await client.get("/meet")).text == f"user_{number}"

    assert all(await asyncio.gather(*(visit(number) for number in range(20))))


async def test_auth_is_known_to_threads_and_streams_of_the_request() -> None:
    def in_thread(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(auth().user_id))

    async def stream(request: Request) -> StreamingResponse:
        async def parts() -> AsyncIterator[str]:
            await asyncio.sleep(0)
            yield str(auth().user_id)

        return StreamingResponse(parts())

    inner = Starlette(routes=[Route("/thread", in_thread), Route("/stream", stream)])
    async with browser(protected(inner=inner), **signed_in_cookies()) as client:
        assert (await client.get("/thread")).text == "user_1"
        assert (await client.get("/stream")).text == "user_1"


def test_auth_outside_of_a_request_is_an_error_that_says_so() -> None:
    with pytest.raises(ConfigurationError, match="AuthMiddleware"):
        auth()
    with pytest.raises(ConfigurationError, match="AuthMiddleware"):
        get_auth({"type": "http"})
    with pytest.raises(ConfigurationError, match="AuthMiddleware"):
        get_auth(object())


async def test_auth_is_forgotten_after_the_request() -> None:
    async with browser(protected(), **signed_in_cookies()) as client:
        await client.get("/reports")
    with pytest.raises(ConfigurationError):
        auth()


async def test_a_request_is_verified_exactly_once(verified: list[str]) -> None:
    async with browser(protected(), **signed_in_cookies()) as client:
        await client.get("/reports")
    assert verified == ["once"]


async def test_with_the_public_key_an_app_verifies_without_a_server(no_network: None) -> None:
    async with browser(protected(secret_key=PRODUCTION.secret_key), **signed_in_cookies()) as client:
        assert (await client.get("/reports")).text == "/reports user_1"
    async with browser(protected(), **signed_in_cookies(exp=1_700_000_000)) as client:
        assert (await client.get("/reports", headers={"accept": "application/json"})).status_code == 401


def websocket_app() -> Starlette:
    async def hello(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(str(get_auth(websocket).user_id))
        await websocket.close()

    return Starlette(routes=[WebSocketRoute("/ws", hello)])


def test_a_signed_out_websocket_is_closed_before_it_opens() -> None:
    with (
        TestClient(protected(inner=websocket_app())) as client,
        pytest.raises(WebSocketDisconnect) as caught,
        client.websocket_connect("/ws"),
    ):
        pass
    assert caught.value.code == 1008


def test_a_signed_in_websocket_knows_who_is_there() -> None:
    with (
        TestClient(protected(inner=websocket_app()), cookies=signed_in_cookies()) as client,
        client.websocket_connect("/ws", headers={"origin": "http://testserver"}) as websocket,
    ):
        assert websocket.receive_text() == "user_1"


async def test_head_requests_get_no_body() -> None:
    async with browser(protected()) as client:
        answer = await client.head("/reports")
    assert (answer.status_code, answer.content) == (401, b"")
    assert int(answer.headers["content-length"]) > 0


async def test_api_keys_pass_where_they_are_accepted() -> None:
    known = {"id": "ak_1", "subject": "user_1", "scopes": ["read"], "name": "ci", "claims": None}
    backend = RecordedBackend({"POST /api_keys/verify": {"status": 200, "body": known}})
    settings: dict[str, Any] = {"secret_key": PRODUCTION.secret_key, "transport": backend}
    key = {"authorization": "Bearer ak_secret"}
    async with browser(protected(accepts_token=["session_token", "api_key"], **settings)) as client:
        assert (await client.get("/reports", headers=key)).text == "/reports user_1"
    async with browser(protected(**settings)) as client:
        assert (await client.get("/reports", headers=key)).status_code == 401


@pytest.mark.parametrize(
    "state", [{"revoked": True}, {"expired": True}, {"active": False}, {"subject": None}]
)
async def test_a_dead_api_key_is_refused_whatever_the_status_says(state: dict[str, Any]) -> None:
    known = {"id": "ak_1", "subject": "user_1", **state}
    backend = RecordedBackend({"POST /api_keys/verify": {"status": 200, "body": known}})
    middleware = protected(accepts_token="api_key", secret_key=PRODUCTION.secret_key, transport=backend)
    async with browser(middleware) as client:
        assert (await client.get("/reports", headers={"authorization": "Bearer ak_x"})).status_code == 401


@pytest.mark.parametrize("root_path", ["", "/base"])
async def test_path_that_a_framework_has_cut_is_protected_as_a_whole(root_path: str) -> None:
    """Litestar calls middlewares with the path below a mount: /admin must not be taken for the public /."""
    seen: list[str] = []

    async def mounted(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["path"])
        await PlainTextResponse("mounted")(scope, receive, send)

    async def ask(raw: bytes, path: str) -> int:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": path, "raw_path": raw, "headers": []}
        await protected(inner=mounted)({**scope, "root_path": root_path}, None, send)  # type: ignore[arg-type]
        return sent[0]["status"]

    base = root_path.encode()
    assert await ask(base + b"/admin", "/") == 401
    assert await ask(base + b"/admin/", "/") == 401
    assert await ask(base + b"/%61dmin/x", "/x") == 401
    assert seen == []
    assert await ask(base + b"/", "/") == 200
    assert seen == ["/"]
