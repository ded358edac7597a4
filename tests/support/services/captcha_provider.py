"""A CAPTCHA provider: a real HTTP server that answers like Turnstile's `siteverify`. Its tokens are good
once, for the secret key that they were made for."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

SITE_KEY, SECRET_KEY = "1x00000000000000000000AA", "secret-of-the-widget"
INVISIBLE_SITE_KEY, INVISIBLE_SECRET_KEY = "1x00000000000000000000BB", "secret-of-the-invisible-widget"


class CaptchaProvider:
    """`fail` makes it answer with this status and body; while `may_answer` is clear it holds its answers
    back."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.received: list[dict[str, str]] = []
        self.fail: tuple[int, bytes] | None = None
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.asked = threading.Event()
        self._tokens: dict[str, str] = {}

    def solve(self, token: str, secret_key: str = SECRET_KEY) -> str:
        """Makes a token good, as a browser does that solves the CAPTCHA."""
        self._tokens[token] = secret_key
        return token

    def answer(self, form: dict[str, str]) -> tuple[int, bytes]:
        self.received.append(form)
        self.asked.set()
        self.may_answer.wait(timeout=30)
        if self.fail is not None:
            return self.fail
        if form["secret"] not in (SECRET_KEY, INVISIBLE_SECRET_KEY):
            return 200, _verdict("invalid-input-secret")
        if self._tokens.get(form["response"]) != form["secret"]:
            return 200, _verdict("invalid-input-response")
        del self._tokens[form["response"]]
        return 200, _verdict()


def _verdict(*problems: str) -> bytes:
    return json.dumps({"success": not problems, "error-codes": problems, "hostname": "localhost"}).encode()


@contextmanager
def captcha_provider() -> Iterator[CaptchaProvider]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["content-length"])).decode()
            status, body = provider.answer({name: values[0] for name, values in parse_qs(text).items()})
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The tests read `received`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = CaptchaProvider(f"http://127.0.0.1:{server.server_port}/siteverify")
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield provider
    finally:
        provider.may_answer.set()
        server.shutdown()
        server.server_close()
