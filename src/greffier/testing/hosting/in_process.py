"""One HTTP request to an ASGI app, without sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from greffier.testing.errors import ServerRefused

Headers = list[tuple[str, str]]


class InProcessAnswer(NamedTuple):
    """An answer; `headers` have lower-case names."""

    status: int
    headers: Headers
    body: bytes

    def every(self, name: str) -> list[str]:
        """All values of a header."""
        return [value for key, value in self.headers if key == name]

    def or_refusal(self) -> InProcessAnswer:
        """The answer itself; `ServerRefused` where its status is an error."""
        if self.status >= 400:
            raise ServerRefused.from_answer(self.status, self.body)
        return self


async def call(
    app: Any, method: str, url: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
) -> InProcessAnswer:
    """Send a request to an ASGI app.

    Args:
        url: absolute; its host is the Host header, unless that is among the headers.
    """
    exchange = _Exchange(body)
    await app(_scope(method, url, list(headers), len(body)), exchange.receive, exchange.send)
    exchange.finished.set()
    return InProcessAnswer(exchange.status, exchange.headers, b"".join(exchange.chunks))


def _scope(method: str, url: str, given: Headers, length: int) -> dict[str, Any]:
    parts = urlsplit(url)
    headers = [(name.lower(), value) for name, value in given]
    names = {name for name, _ in headers}
    if "host" not in names:
        headers.insert(0, ("host", parts.netloc))
    if length and "content-length" not in names:
        headers.append(("content-length", str(length)))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": parts.scheme,
        "path": unquote(parts.path) or "/",
        "raw_path": (parts.path or "/").encode("ascii", "replace"),
        "query_string": parts.query.encode("latin-1", "replace"),
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 1),
        "server": (parts.hostname or "localhost", parts.port or (443 if parts.scheme == "https" else 80)),
    }


class _Exchange:
    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self.finished = asyncio.Event()
        self.status = 500
        self.headers: Headers = []
        self.chunks: list[bytes] = []

    async def receive(self) -> dict[str, Any]:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self.finished.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [
                (name.decode("latin-1").lower(), value.decode("latin-1"))
                for name, value in message.get("headers", ())
            ]
        elif message["type"] == "http.response.body":
            self.chunks.append(message.get("body", b""))
