"""A stand-in for the server of a chain, where no real chain can be had: it answers what a test tells it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[str, list[Any]], Any]


class StandInRpc:
    """`answer(method, params)` is the result of a call, or raises `ValueError` for its error. `batches` has
    the methods of each request, and `paths` where it was sent."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answer: Answer = lambda method, params: None
        self.body: bytes | None = None
        """Sent instead of answers."""
        self.status = 200
        self.batches: list[list[str]] = []
        self.paths: list[str] = []

    def reply(self, body: bytes) -> bytes:
        calls = json.loads(body)
        self.batches.append([call["method"] for call in calls])
        if self.body is not None:
            return self.body
        # Servers may answer in any order (JSON-RPC 2.0 section 6).
        return json.dumps([self._one(call) for call in reversed(calls)]).encode()

    def _one(self, call: dict[str, Any]) -> dict[str, Any]:
        try:
            result = self.answer(call["method"], call["params"])
        except ValueError as error:
            return {"jsonrpc": "2.0", "id": call["id"], "error": {"code": 3, "message": str(error)}}
        return {"jsonrpc": "2.0", "id": call["id"], "result": result}


@contextmanager
def stand_in_rpc() -> Generator[StandInRpc]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            rpc.paths.append(self.path)
            content = rpc.reply(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(rpc.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        rpc = StandInRpc(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield rpc
        finally:
            server.shutdown()
            thread.join()
