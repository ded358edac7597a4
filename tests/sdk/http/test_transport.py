"""The small HTTP client, against a real server on this machine."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from greffier.sdk.backend_api import API_VERSION, BackendApi
from greffier.sdk.errors import BackendApiRefused, BackendApiUnreachable
from greffier.sdk.http.transport import MAX_ANSWER_BYTES, HttpRequest, UrllibTransport
from greffier.sdk.steps import run, run_async


class Handler(BaseHTTPRequestHandler):
    """Answers by the path, and keeps what it was sent."""

    protocol_version = "HTTP/1.1"
    seen: list[dict[str, Any]] = []

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length).decode()
        self.seen.append(
            {"path": self.path, "headers": dict(self.headers), "body": body, "method": self.command}
        )
        status, headers, content = ANSWERS.get(self.path.partition("?")[0], (404, {}, b"{}"))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests stay quiet."""


ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/v1/clients/handshake_payload": (200, {}, b'{"directives": ["__session=a; Path=/"]}'),
    "/v1/sessions/sess_1/tokens/hasura": (200, {}, b'{"object": "token", "jwt": "a.b.c"}'),
    "/v1/sessions/sess_2/tokens": (422, {}, b'{"errors": [{"code": "bad", "message": "no"}]}'),
    "/v1/sessions/sess_3/tokens": (502, {}, b"<html>"),
    "/v1/sessions/sess_4/tokens": (200, {}, b"[]"),
    "/v1/sessions/sess_5/tokens": (200, {}, b"{}"),
    "/redirect": (302, {"location": "/elsewhere"}, b"{}"),
    "/large": (200, {}, b"x" * (MAX_ANSWER_BYTES + 1)),
}


@pytest.fixture
def server() -> Iterator[str]:
    Handler.seen = []
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def api(server: str, *, suffix: str = "") -> BackendApi:
    return BackendApi(api_url=server + suffix, secret_key="sk_test_secret", transport=UrllibTransport())


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/"])
def test_a_call_carries_key_and_version_whichever_way_the_url_is_written(server: str, suffix: str) -> None:
    assert run(api(server, suffix=suffix).handshake_payload("a&b c")) == ["__session=a; Path=/"]
    request = Handler.seen[0]
    assert request["path"] == "/v1/clients/handshake_payload?nonce=a%26b%20c"
    headers = {name.lower(): value for name, value in request["headers"].items()}
    assert headers["authorization"] == "Bearer sk_test_secret"
    assert headers["clerk-api-version"] == API_VERSION
    assert headers["content-type"] == "application/json"


async def test_asynchronous_calls_do_not_block_the_loop(server: str) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    token = await run_async(api(server).session_token("sess_1", template="hasura", expires_in_seconds=60))
    ticking.cancel()
    assert token == "a.b.c"
    assert json.loads(Handler.seen[0]["body"]) == {"expires_in_seconds": 60}
    assert ticks > 1


def test_an_error_answer_tells_its_code(server: str) -> None:
    with pytest.raises(BackendApiRefused) as caught:
        run(api(server).session_token("sess_2"))
    assert (caught.value.status, caught.value.code) == (422, "bad")


def test_an_error_answer_in_another_form_has_no_code(server: str) -> None:
    with pytest.raises(BackendApiRefused) as caught:
        run(api(server).session_token("sess_3"))
    assert (caught.value.status, caught.value.code) == (502, None)


@pytest.mark.parametrize("session", ["sess_4", "sess_5"])
def test_an_answer_without_a_token_is_an_error(server: str, session: str) -> None:
    with pytest.raises(BackendApiUnreachable):
        run(api(server).session_token(session))


def test_redirects_are_not_followed_since_they_would_take_the_key_along(server: str) -> None:
    answer = UrllibTransport().send(HttpRequest("GET", f"{server}/redirect", {"Authorization": "Bearer sk"}))
    assert answer.status == 302
    assert [one["path"] for one in Handler.seen] == ["/redirect"]


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x", "nonsense", "http://[::1"]
)
def test_only_http_is_spoken(url: str) -> None:
    with pytest.raises(BackendApiUnreachable):
        UrllibTransport().send(HttpRequest("GET", url))


def test_a_refused_connection_and_an_endless_answer_are_unreachable(server: str) -> None:
    with pytest.raises(BackendApiUnreachable):
        UrllibTransport().send(HttpRequest("GET", "http://127.0.0.1:9/"))
    with pytest.raises(BackendApiUnreachable):
        UrllibTransport().send(HttpRequest("GET", f"{server}/large"))


def test_errors_and_representations_never_show_the_key(server: str) -> None:
    broken = BackendApi(api_url=server, secret_key="sk_test_sec\r\nret", transport=UrllibTransport())
    with pytest.raises(BackendApiUnreachable) as caught:
        run(broken.session_token("sess_1"))
    assert "sk_test" not in str(caught.value)
    assert "sk_test" not in repr(api(server).jwks_request())
