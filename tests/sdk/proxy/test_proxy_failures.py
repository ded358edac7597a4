"""The proxy of the Frontend API where something is wrong: with the network, the server or the browser."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sdk.proxy.proxied import SECRET_KEY, Browser, FrontendApi, both, proxy
from tests.support.services.ports import free_port


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
    """A server that sends this to every connection, and is silent then."""
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
async def test_large_bodies_are_refused_before_the_server_is_asked(kind: str, upstream: FrontendApi) -> None:
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
        # Nothing is written by what `start_response` returns here.
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
