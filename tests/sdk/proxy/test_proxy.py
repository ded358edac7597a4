"""The proxy of the Frontend API in front of one that records what it is asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from litestar import Litestar, asgi
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response as WerkzeugResponse

from greffier.proxy import FrontendApiProxy
from greffier.sdk.errors import ConfigurationError
from greffier.sdk.keys import encode_publishable_key
from tests.sdk.proxy.proxied import ORIGIN, PUBLISHABLE_KEY, SECRET_KEY, Browser, FrontendApi, both, proxy


@both
async def test_request_reaches_the_frontend_api_with_everything_it_must_know(
    kind: str, upstream: FrontendApi
) -> None:
    browser = Browser(kind, proxy(upstream.url))
    headers = {"clerk-secret-key": "sk_test_stolen", "x-forwarded-for": "6.6.6.6", "cookie": "__client=a"}

    answer = await browser.request(
        "POST", "/__clerk/v1/client/sign%20ins?a=b%20c&_method=PATCH", content=b"x=1", headers=headers
    )

    assert (answer.status_code, answer.content) == (200, b"x=1")
    assert "connection" not in answer.headers
    [(method, path, sent, body)] = upstream.asked
    assert (method, path, body) == ("POST", "/v1/client/sign%20ins?a=b%20c&_method=PATCH", b"x=1")
    told = {name.lower(): value for name, value in sent}
    assert len(told) == len(sent)
    assert told["host"] == upstream.url.removeprefix("http://")
    assert told["clerk-proxy-url"] == f"{ORIGIN}/__clerk"
    assert told["clerk-secret-key"] == SECRET_KEY
    assert told["x-forwarded-for"] == "203.0.113.9"
    assert (told["x-forwarded-host"], told["x-forwarded-proto"]) == ("app.localhost", "http")
    assert told["accept-encoding"] == "identity"
    assert told["cookie"] == "__client=a"
    assert told["content-length"] == "3"


@both
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS", "PATCH"])
async def test_every_method_of_the_frontend_api_passes(kind: str, method: str, upstream: FrontendApi) -> None:
    answer = await Browser(kind, proxy(upstream.url)).request(method, "/__clerk/v1/x")

    assert answer.status_code == 200
    assert [(asked[0], asked[3]) for asked in upstream.asked] == [(method, b"")]


@both
async def test_unknown_methods_go_nowhere(kind: str, upstream: FrontendApi) -> None:
    answer = await Browser(kind, proxy(upstream.url)).request("TRACE", "/__clerk/v1/x")

    assert answer.status_code == 405
    assert answer.json()["errors"][0]["code"] == "method_not_allowed"
    assert upstream.asked == []


@both
async def test_redirects_are_passed_on_and_never_followed(kind: str, upstream: FrontendApi) -> None:
    answer = await Browser(kind, proxy(upstream.url)).request("GET", "/__clerk/v1/redirect")

    assert answer.status_code == 302
    assert answer.headers["location"] == f"{ORIGIN}/__clerk/v1/after"
    assert answer.headers.get_list("set-cookie") == ["__client=1; HttpOnly", "__client_uat=2"]
    assert len(upstream.asked) == 1


@both
async def test_paths_beside_the_proxy_are_the_applications(kind: str, upstream: FrontendApi) -> None:
    app: Any = PlainTextResponse("app") if kind == "asgi" else WerkzeugResponse("app")
    alone, in_front = proxy(upstream.url), proxy(upstream.url, app)

    nothing = await Browser(kind, alone).request("GET", "/elsewhere")
    assert (nothing.status_code, nothing.json()["errors"][0]["code"]) == (404, "resource_not_found")
    assert (await Browser(kind, in_front).request("GET", "/__clerks")).text == "app"
    assert (await Browser(kind, in_front).request("GET", "/__clerk/v1/x")).text == ""
    assert len(upstream.asked) == 1


async def test_answer_is_streamed_as_it_comes(upstream: FrontendApi) -> None:
    """ASGI: the first half is here before the second one is made."""
    got: list[bytes] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        if body := message.get("body"):
            got.append(body)
            upstream.may_go_on.set()

    scope = {"type": "http", "method": "GET", "path": "/__clerk/v1/stream", "headers": []}
    await proxy(upstream.url)(scope, receive, send)

    assert got == [b"first", b"second"]


def test_answer_is_streamed_as_it_comes_under_wsgi(upstream: FrontendApi) -> None:
    with httpx.Client(transport=httpx.WSGITransport(proxy(upstream.url).wsgi), base_url=ORIGIN) as client:
        upstream.may_go_on.set()
        assert client.get("/__clerk/v1/stream").text == "firstsecond"


def test_many_browsers_are_served_at_a_time(upstream: FrontendApi) -> None:
    made = proxy(upstream.url)

    def ask(number: int) -> str:
        with httpx.Client(transport=httpx.WSGITransport(made.wsgi), base_url=ORIGIN) as client:
            return client.post("/__clerk/v1/x", content=str(number)).text

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(ask, range(60))) == [str(number) for number in range(60)]


def test_it_can_be_mounted(upstream: FrontendApi) -> None:
    made = proxy(upstream.url)
    starlette = Starlette(
        routes=[Mount("/__clerk", made), Route("/", lambda request: PlainTextResponse("home"))]
    )
    litestar = Litestar([asgi("/__clerk", is_mount=True, copy_scope=True)(made.__call__)])
    werkzeug = DispatcherMiddleware(WerkzeugResponse("home"), {"/__clerk": made.wsgi})

    for app in (starlette, litestar):
        with TestClient(app, base_url=ORIGIN) as client:  # type: ignore[arg-type]
            assert client.post("/__clerk/v1/x?a=1", content=b"x").text == "x"
    with httpx.Client(transport=httpx.WSGITransport(werkzeug), base_url=ORIGIN) as client:
        assert client.post("/__clerk/v1/x?a=1", content=b"x").text == "x"

    assert [asked[1] for asked in upstream.asked] == ["/v1/x?a=1"] * 3
    assert {dict(asked[2])["Clerk-Proxy-Url"] for asked in upstream.asked} == {f"{ORIGIN}/__clerk"}


def test_websockets_are_closed(upstream: FrontendApi) -> None:
    with (
        TestClient(proxy(upstream.url)) as client,
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/__clerk/v1/x"),
    ):
        pass


async def test_foreign_host_is_refused_with_keys_of_production(upstream: FrontendApi) -> None:
    key = encode_publishable_key("clerk.example.com", live=True)
    made = FrontendApiProxy(secret_key="sk_live_1", publishable_key=key, target=upstream.url)

    answer = await Browser("asgi", made).request(
        "GET", "/__clerk/v1/x", headers={"host": "evil.example", "x-forwarded-host": "evil.example"}
    )

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "host_invalid")
    assert upstream.asked == []


def test_keys_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="GREFFIER_SECRET_KEY"):
        FrontendApiProxy(publishable_key=PUBLISHABLE_KEY)
    monkeypatch.setenv("GREFFIER_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("GREFFIER_PUBLISHABLE_KEY", PUBLISHABLE_KEY)

    assert FrontendApiProxy().rules.upstream == "https://clerk.example.localhost"
