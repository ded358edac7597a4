"""One local HTTP server that stands in for sites of the internet: it keeps what is sent to each, and answers
what a test has said. The names of the sites are in the `Host` header, as always."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from greffier.server import outgoing


class Received(NamedTuple):
    """A request as the site received it; names of headers are in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


Answer = Callable[[Received], Any]
"""Returns what is written as JSON."""


class StandIn:
    """Args: origin: of the local server."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.reset()

    def reset(self) -> None:
        self.received: list[Received] = []
        self._answers: dict[tuple[str, str], Answer] = {}

    def on(self, method: str, url: str, answer: Answer) -> None:
        """Answer requests to a URL of the internet."""
        self._answers[method, url] = answer

    def answer(self, request: Received) -> tuple[int, Any]:
        self.received.append(request)
        found = self._answers.get((request.method, request.url))
        return (200, found(request)) if found else (404, {"error": "not_found"})

    def reached_by(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Lead this server's requests to every https URL here; nothing else about them is changed."""
        request = outgoing.request

        async def to_stand_in(
            method: Any, url: str, body: bytes | None = None, headers: Any = None, **options: Any
        ) -> outgoing.Answer:
            parts = urlsplit(url)
            assert parts.scheme == "https", url
            local = self.origin + url.removeprefix(f"https://{parts.netloc}")
            return await request(method, local, body, {**(headers or {}), "host": parts.netloc}, **options)

        monkeypatch.setattr(outgoing, "request", to_stand_in)


@contextmanager
def stand_in() -> Generator[StandIn]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            url = f"https://{headers['host']}{self.path}"
            received = Received(self.command, url, headers, self.rfile.read(length))
            status, document = sites.answer(received)
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def log_message(self, format: str, *args: object) -> None:
            """The tests read what was received."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sites = StandIn(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield sites
    finally:
        server.shutdown()
        server.server_close()
