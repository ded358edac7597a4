"""The proxy of the Frontend API in front of one that records what it is asked, and of some that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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
from tests.support.processes import free_port

SECRET_KEY = "sk_test_of_the_proxy"
PUBLISHABLE_KEY = encode_publishable_key("clerk.example.localhost")
ORIGIN = "http://app.localhost"


class FrontendApi(ThreadingHTTPServer):
    """Says what it was asked, and answers by the path."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str, list[tuple[str, str]], bytes]] = []
        self.may_go_on = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FrontendApi

    def log_message(self, format: str, *args: Any) -> None: ...

    def answer(self) -> None:
        body = self.body()
        self.server.asked.append((self.command, self.path, list(self.headers.items()), body))
        if self.path.startswith("/v1/redirect"):
            self.send_response(302)
            self.send_header("Location", f"{self.server.url}/v1/after")
            self.send_header("Set-Cookie", "__client=1; HttpOnly")
            self.send_header("Set-Cookie", "__client_uat=2")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path.startswith("/v1/stream"):
            self.stream()
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "keep-alive")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    def stream(self) -> None:
        """The second half waits until somebody has seen the first."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"5\r\nfirst\r\n")
        assert self.server.may_go_on.wait(10)
        self.wfile.write(b"6\r\nsecond\r\n0\r\n\r\n")

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        parts: list[bytes] = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    do_GET = do_HEAD = do_POST = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815


@pytest.fixture
def upstream() -> Iterator[FrontendApi]:
    with FrontendApi() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.may_go_on.set()
        server.shutdown()
        thread.join()


def proxy(upstream: str, app: Any = None, **settings: Any) -> FrontendApiProxy:
    return FrontendApiProxy(
        app,
        secret_key=SECRET_KEY,
        publishable_key=PUBLISHABLE_KEY,
        target=upstream,
        **{"timeout": 10, **settings},
    )


class Browser:
    """Asks the proxy by ASGI or by WSGI."""

    def __init__(self, kind: str, made: FrontendApiProxy) -> None:
        self.kind, self.made = kind, made

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        if self.kind == "asgi":
            transport = httpx.ASGITransport(self.made, client=("203.0.113.9", 1))
            async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
                return await client.request(method, path, **options)
        wsgi = httpx.WSGITransport(self.made.wsgi, remote_addr="203.0.113.9")
        with httpx.Client(transport=wsgi, base_url=ORIGIN) as client:
            return await asyncio.to_thread(client.request, method, path, **options)


both = pytest.mark.parametrize("kind", ["asgi", "wsgi"])


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


@both
async def test_no_answer_is_502_in_the_published_envelope(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await Browser(kind, proxy(f"http://127.0.0.1:{free_port()}")).request("GET", "/__clerk/v1/x")

    assert answer.status_code == 502
    assert answer.json()["errors"][0]["code"] == "frontend_api_unreachable"
    assert "ConnectionRefusedError" in caplog.text
    assert SECRET_KEY not in caplog.text + answer.text


@contextlib.contextmanager
def speaking(said: bytes) -> Iterator[str]:
    """Somebody who says this to everybody, and is silent then."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections: list[socket.socket] = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    connections.append(connection)
                    connection.recv(65536)
                    connection.sendall(said)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
    for connection in connections:
        connection.close()
    thread.join()


@both
async def test_silence_is_504(kind: str) -> None:
    with speaking(b"") as url:
        answer = await Browser(kind, proxy(url, timeout=0.2)).request("GET", "/__clerk/v1/x")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (504, "frontend_api_timeout")


@both
async def test_nonsense_is_502(kind: str) -> None:
    with speaking(b"SSH-2.0-OpenSSH\r\n\r\n") as url:
        answer = await Browser(kind, proxy(url)).request("GET", "/__clerk/v1/x")

    assert answer.status_code == 502


@both
async def test_refusal_before_the_end_of_the_body_is_passed_on(kind: str) -> None:
    said = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
    with speaking(said) as url:
        answer = await Browser(kind, proxy(url)).request("POST", "/__clerk/v1/x", content=b"x")

    assert (answer.status_code, answer.text) == (413, "no")


@both
async def test_large_bodies_are_refused_before_anybody_is_asked(kind: str, upstream: FrontendApi) -> None:
    browser = Browser(kind, proxy(upstream.url, max_request_bytes=10))

    refused = await browser.request("POST", "/__clerk/v1/x", content=b"x" * 11)
    passed = await browser.request("POST", "/__clerk/v1/x", content=b"x" * 10)

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (413, "request_too_large")
    assert passed.content == b"x" * 10
    assert len(upstream.asked) == 1


@both
@pytest.mark.parametrize("length", ["-1", "x", "٣", "1" * 30])
async def test_length_that_is_none_is_refused(kind: str, length: str, upstream: FrontendApi) -> None:
    scope_headers = [(b"host", b"app.localhost"), (b"content-length", length.encode())]
    sent: list[Any] = []
    made = proxy(upstream.url)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    if kind == "asgi":
        scope = {"type": "http", "method": "POST", "path": "/__clerk/v1/x", "headers": scope_headers}
        await made(scope, receive, send)
        status = sent[0]["status"]
    else:
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/__clerk/v1/x", "HTTP_HOST": "app.localhost"}
        environ |= {"CONTENT_LENGTH": length, "SERVER_NAME": "app.localhost", "SERVER_PORT": "80"}
        made.wsgi(environ, lambda status, headers: sent.append(status))  # type: ignore[arg-type, return-value]
        status = int(sent[0][:3])

    assert status == (413 if length.startswith("1") else 400)
    assert upstream.asked == []


async def pieces(count: int) -> Any:
    for _ in range(count):
        yield b"0123456789"


async def test_body_of_unknown_length_is_streamed_and_limited(upstream: FrontendApi) -> None:
    browser = Browser("asgi", proxy(upstream.url, max_request_bytes=100))

    passed = await browser.request("POST", "/__clerk/v1/x", content=pieces(10))
    refused = await browser.request("POST", "/__clerk/v1/x", content=pieces(11))

    assert passed.content == b"0123456789" * 10
    assert refused.status_code == 413
    assert len(upstream.asked[0][3]) == 100


async def test_browser_that_stops_sending_gets_408_and_one_that_leaves_nothing(upstream: FrontendApi) -> None:
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/__clerk/v1/x",
        "headers": [(b"host", b"app.localhost"), (b"content-length", b"5")],
    }
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def silent() -> Any:
        await asyncio.Event().wait()

    async def leaving() -> Any:
        return {"type": "http.disconnect"}

    await proxy(upstream.url)(scope, leaving, send)
    assert sent == []
    await proxy(upstream.url, timeout=0.05)(scope, silent, send)
    assert sent[0]["status"] == 408


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


async def test_host_of_somebody_else_is_refused_with_keys_of_production(upstream: FrontendApi) -> None:
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
