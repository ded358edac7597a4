"""A Frontend API that records what it is asked, and browsers that reach it through the proxy."""

from __future__ import annotations

import asyncio
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from greffier.proxy import FrontendApiProxy
from greffier.sdk.keys import encode_publishable_key

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
        """The second half waits until the first was received."""
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

    do_GET = do_HEAD = do_POST = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815 (names of http.server)


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
