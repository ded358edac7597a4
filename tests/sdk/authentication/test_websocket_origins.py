"""WebSockets with a visitor's cookies are for pages of the own origin, or of authorized ones."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket
from litestar import Litestar, websocket
from litestar import WebSocket as LitestarSocket
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from greffier.asgi import AuthMiddleware, get_auth
from greffier.fastapi import add_auth as add_to_fastapi
from greffier.litestar import AuthPlugin
from greffier.sdk.http.auth_request import AuthRequest
from greffier.starlette import add_auth as add_to_starlette
from tests.sdk.apps import ORIGIN, PRODUCTION, signed_in_cookies
from tests.sdk.requests import authenticate

FOREIGN = [
    "https://evil.example",
    "https://sibling.example.com",
    "https://app.example.com.evil.example",
    "https://app.example.com:8443",
    "http://app.example.com",
    "https://APP.example.com@evil.example",
    "null",
    "",
    None,
]


async def say(socket: Any) -> None:
    await socket.accept()
    await socket.send_json({"user_id": get_auth(socket).user_id})
    await socket.close()


def of_starlette(**settings: Any) -> Any:
    app = Starlette(routes=[WebSocketRoute("/live", say), WebSocketRoute("/open", say)])
    add_to_starlette(app, **settings)
    return app


def of_fastapi(**settings: Any) -> Any:
    app = FastAPI()

    @app.websocket("/live")
    @app.websocket("/open")
    async def live(socket: WebSocket) -> None:
        await say(socket)

    add_to_fastapi(app, **settings)
    return app


def of_litestar(**settings: Any) -> Any:
    @websocket(["/live", "/open"])
    async def live(socket: LitestarSocket[Any, Any, Any]) -> None:
        await say(socket)

    return Litestar([live], plugins=[AuthPlugin(**settings)])


def of_plain_asgi(**settings: Any) -> Any:
    return AuthMiddleware(
        Starlette(routes=[WebSocketRoute(path, say) for path in ("/live", "/open")]), **settings
    )


@pytest.fixture(params=[of_starlette, of_fastapi, of_litestar, of_plain_asgi])
def make(request: pytest.FixtureRequest) -> Callable[..., Any]:
    return request.param


def opened(
    make: Callable[..., Any], path: str, headers: dict[str, str], **settings: Any
) -> dict[str, Any] | None:
    """Returns the application's message over a WebSocket that a browser opens; None when it is refused."""
    settings = {"publishable_key": PRODUCTION.publishable_key, "jwt_key": PRODUCTION.pem, **settings}
    app = make(public_routes=["/open", "/page"], **settings)
    with TestClient(app, base_url=ORIGIN) as client:
        try:
            with client.websocket_connect(f"wss://app.example.com{path}", headers=headers) as socket:
                return socket.receive_json()
        except WebSocketDisconnect:
            return None


def cookies() -> dict[str, str]:
    return {"cookie": "; ".join(f"{name}={value}" for name, value in signed_in_cookies().items())}


def of_page(origin: str | None) -> dict[str, str]:
    return {} if origin is None else {"origin": origin}


@pytest.mark.parametrize("origin", FOREIGN)
def test_no_page_of_another_origin_opens_a_websocket_as_the_visitor(
    make: Callable[..., Any], origin: str | None
) -> None:
    headers = {**cookies(), **of_page(origin)}

    assert opened(make, "/live", headers, authorized_parties=["https://example.com"]) is None
    assert opened(make, "/open", headers) == {"user_id": None}


def test_pages_of_the_own_origin_and_of_authorized_ones_open_websockets(make: Callable[..., Any]) -> None:
    parties = ["https://example.com", "https://other.example"]

    assert opened(make, "/live", {**cookies(), **of_page(ORIGIN)}) == {"user_id": "user_1"}
    for origin in parties:
        headers = {**cookies(), **of_page(origin)}
        assert opened(make, "/live", headers, authorized_parties=parties) == {"user_id": "user_1"}


def test_token_in_the_header_needs_no_origin(make: Callable[..., Any]) -> None:
    headers = {"authorization": f"Bearer {signed_in_cookies()['__session']}"}

    assert opened(make, "/live", headers) == {"user_id": "user_1"}
    assert opened(make, "/live", {**headers, **of_page("https://evil.example")}) == {"user_id": "user_1"}


def test_what_is_remembered_of_a_request_opens_no_websocket_of_another_origin() -> None:
    app = of_starlette(publishable_key=PRODUCTION.publishable_key, jwt_key=PRODUCTION.pem)
    headers = cookies()
    with TestClient(app, base_url=ORIGIN, headers=headers) as client:
        assert [client.get("/live").status_code for _ in range(2)] == [404, 404]  # known, and remembered
        evil = {"origin": "https://evil.example"}
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/live", headers=evil) as socket:
            socket.receive_json()


@pytest.mark.parametrize("upgrade", ["WebSocket", " websocket ", "h2c, websocket", "websocket,h2c"])
def test_websocket_of_a_wsgi_server_is_known_by_its_upgrade(
    caplog: pytest.LogCaptureFixture, upgrade: str
) -> None:
    sent = {
        "HTTP_HOST": "example.com",
        "HTTP_UPGRADE": upgrade,
        "HTTP_ORIGIN": "https://evil.example",
        "HTTP_COOKIE": f"__session={PRODUCTION.token()}; __client_uat=1699999900",
        "wsgi.url_scheme": "https",
    }
    with caplog.at_level(logging.WARNING, logger="greffier.sdk"):
        refused = authenticate(AuthRequest.from_environ(sent))
    own = authenticate(AuthRequest.from_environ({**sent, "HTTP_ORIGIN": "https://example.com"}))

    assert (refused.status, refused.reason) == ("signed-out", "websocket-of-another-origin")
    assert "https://evil.example" in caplog.text
    assert own.is_signed_in
