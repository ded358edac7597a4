"""Requests to other servers are bounded, and reach only what they may."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from greffier.server.outgoing import Unreachable, request

MEBIBYTE = 1 << 20


class _Handler(BaseHTTPRequestHandler):
    """Answers by the path."""

    def do_GET(self) -> None:
        match self.path:
            case "/redirect":
                self._answer(302, b"", location="/secret")
            case "/long":
                self._answer(200, b"x" * (MEBIBYTE + 1))
            case "/drip":
                self._drip()
            case _:
                self._answer(200, self.path.encode())

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        """A byte now and then, so that no single read takes long."""
        self.send_response(200)
        self.send_header("content-length", "1000")
        self.end_headers()
        try:
            while not stopped.wait(0.05):
                self.wfile.write(b"x")
                self.wfile.flush()
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is read from it."""


stopped = threading.Event()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}"
    stopped.set()
    running.shutdown()
    running.server_close()


async def test_redirect_is_answered_and_not_followed(server: str) -> None:
    answer = await request("GET", f"{server}/redirect", seconds=5)

    assert (answer.status, answer.body) == (302, b"")


async def test_answer_of_more_than_a_mebibyte_is_none(server: str) -> None:
    with pytest.raises(Unreachable):
        await request("GET", f"{server}/long", seconds=5)


async def test_answer_that_drips_is_given_up_in_time(server: str) -> None:
    with pytest.raises(Unreachable, match="TimeoutError"):
        await request("GET", f"{server}/drip", seconds=0.3)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "2130706433"]
)
async def test_private_address_is_not_reached_under_any_name(server: str, host: str) -> None:
    port = server.rpartition(":")[2]

    with pytest.raises(Unreachable):
        await request("GET", f"http://{host}:{port}/secret", seconds=5, public_only=True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://",
        "http://[/",
        "https://example.com/\t",
    ],
)
async def test_malformed_url_is_unreachable(url: str) -> None:
    with pytest.raises(Unreachable):
        await request("GET", url, seconds=1)


async def test_error_tells_nothing_of_the_url(server: str) -> None:
    with pytest.raises(Unreachable) as refused:
        await request("GET", "http://127.0.0.1:1/?token=hush", seconds=1)

    assert "hush" not in str(refused.value)
