"""A WSGI app behind the middleware, and browsers in front of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpx

from greffier.wsgi import AuthMiddleware, auth, get_auth
from tests.sdk.apps import ORIGIN, PRODUCTION, signed_in_cookies
from tests.sdk.instances import Instance


def say(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answers with the path that the app sees, and the user."""
    assert get_auth(environ) is auth()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['PATH_INFO']} {auth().user_id}".encode()]


def protected(instance: Instance = PRODUCTION, *, inner: Any = say, **settings: Any) -> AuthMiddleware:
    """The app behind the middleware; only its root is public."""
    settings = {"jwt_key": instance.pem, "public_routes": ["/"], **settings}
    return AuthMiddleware(inner, publishable_key=instance.publishable_key, **settings)


def browser(middleware: Any, **cookies: str) -> httpx.Client:
    """A client with cookies, on the origin of the app."""
    return httpx.Client(transport=httpx.WSGITransport(middleware), base_url=ORIGIN, cookies=cookies)


def signed_in(**claims: Any) -> dict[str, Any]:
    """The part of an environ that says who asks."""
    return {"HTTP_COOKIE": "; ".join(f"{k}={v}" for k, v in signed_in_cookies(**claims).items())}


def environ_of(path: str = "/", **changes: Any) -> dict[str, Any]:
    """The environ of a GET request whose path is already decoded as PEP 3333 says."""
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "app.example.com",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "app.example.com",
        "wsgi.url_scheme": "https",
    }
    return environ | changes


class Answer:
    """Returns the server's response to an environ."""

    def __init__(self, app: Any, environ: dict[str, Any]) -> None:
        self.starts: list[tuple[str, list[tuple[str, str]], Any]] = []
        self.written: list[bytes] = []
        self.parts: Iterable[bytes] = app(environ, self._start)
        self.body = b"".join(self.parts)
        if hasattr(self.parts, "close"):
            self.parts.close()

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        self.starts.append((status, headers, exc_info))
        return self.written.append

    @property
    def status(self) -> int:
        return int(self.starts[-1][0][:3])

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.starts[-1][1] if key.lower() == name), None)
