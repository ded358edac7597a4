"""`AuthMiddleware` for any WSGI app: Flask, Pyramid, Bottle, or none of them.

    app = AuthMiddleware(app, publishable_key="pk_...", secret_key="sk_...", public_routes=["/", "/blog/**"])

Every route is protected but the public ones. Settings that are not given come from `GREFFIER_*` variables.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Unpack

from greffier.sdk.auth_object import AuthObject
from greffier.sdk.authentication.request_state import Header
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.protection.current import SCOPE_KEY, auth, auth_context, current_user_sync, get_auth
from greffier.sdk.protection.gate import Answer
from greffier.sdk.protection.guard import Answered, Guard, GuardSettings, Passed
from greffier.sdk.protection.request_auth import RequestAuth
from greffier.sdk.steps import run

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["AuthMiddleware", "AuthObject", "auth", "current_user_sync", "get_auth", "with_auth"]

# The arguments and the result of `start_response`.
_Headers = list[tuple[str, str]]
_Write = Callable[[bytes], object]


class AnswerApp:
    """An `Answer` as a WSGI app."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        """Send the answer."""
        start_response(_status_line(self.answer.status), self._headers())
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [self.answer.body]

    def _headers(self) -> _Headers:
        return [*_native(self.answer.headers), ("content-length", str(len(self.answer.body)))]


class AuthMiddleware:
    """Authenticates every request once, and protects every route but the public ones.

    It does for WSGI what `greffier.asgi.AuthMiddleware` does for ASGI, with the same settings; hooks are
    plain functions, and may answer with any WSGI app, such as a Werkzeug `Response`. The app gets the auth
    object by `auth()`, also while its answer streams, or by `get_auth(environ)`. `is_static` tells of an
    environ whether a folder of files that the app has mounted answers it; `through_cors` gives an answer in
    place of the app's what the app's own CORS layer adds to it.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        *,
        respond: Callable[[Answer], Any] = AnswerApp,
        is_static: "Callable[[WSGIEnvironment], bool] | None" = None,
        through_cors: "Callable[[WSGIEnvironment, Answer], Answer] | None" = None,
        **settings: Unpack[GuardSettings],
    ) -> None:
        self.app = app
        self._is_static = is_static
        self._through_cors = through_cors
        self.guard = Guard(respond, settings)
        self.options = self.guard.options

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """The WSGI entry point."""
        request = AuthRequest.from_environ(environ, trust_forwarded=self.options.trust_forwarded_headers)
        is_static = self._is_static and partial(self._is_static, environ)
        outcome = run(self.guard.admit(request, route_path(environ), is_static=is_static))
        if outcome is None:
            return self.app(environ, start_response)
        if isinstance(outcome, Answer):
            if self._through_cors is not None and "HTTP_ORIGIN" in environ:
                outcome = self._through_cors(environ, outcome)
            return AnswerApp(outcome)(environ, start_response)
        if isinstance(outcome, Answered):
            app = AnswerApp(outcome.response) if isinstance(outcome.response, Answer) else outcome.response
            return app(environ, _with_headers(start_response, outcome.headers))
        return self._run_app(environ, start_response, outcome)

    def _run_app(
        self, environ: "WSGIEnvironment", start_response: "StartResponse", passed: Passed
    ) -> Iterable[bytes]:
        environ[SCOPE_KEY] = passed.auth
        with auth_context(passed.auth):
            parts = self.app(environ, _with_headers(start_response, passed.headers))
        return parts if _is_ready_made(parts, environ) else _Parts(parts, passed.auth)


def with_auth(**settings: Unpack[GuardSettings]) -> "Callable[[WSGIApplication], AuthMiddleware]":
    """`AuthMiddleware` as a decorator of a WSGI app, such as a middleware of your own."""

    def decorate(app: "WSGIApplication") -> AuthMiddleware:
        return AuthMiddleware(app, **settings)

    return decorate


class _Parts:
    """The parts of an answer. The app makes them after it was called, and can still use `auth()`."""

    def __init__(self, parts: Iterable[bytes], auth: RequestAuth) -> None:
        self._parts, self._auth = parts, auth
        self._iterator: Iterator[bytes] | None = None

    def __iter__(self) -> "_Parts":
        return self

    def __next__(self) -> bytes:
        with auth_context(self._auth):
            if self._iterator is None:
                self._iterator = iter(self._parts)
            return next(self._iterator)

    def close(self) -> None:
        close = getattr(self._parts, "close", None)
        if close is not None:
            with auth_context(self._auth):
                close()


def route_path(environ: "WSGIEnvironment") -> str:
    """The path that the app's routes are compared with, decoded and without the prefix of a mount."""
    return environ.get("PATH_INFO", "").encode("latin-1", "replace").decode("utf-8", "replace") or "/"


def _is_ready_made(parts: Iterable[bytes], environ: "WSGIEnvironment") -> bool:
    """Whether no code of the app makes the parts. Servers treat files and lists of one part better."""
    wrapper = environ.get("wsgi.file_wrapper")
    return type(parts) in (list, tuple) or (isinstance(wrapper, type) and isinstance(parts, wrapper))


def _with_headers(start_response: "StartResponse", headers: Iterable[Header]) -> "StartResponse":
    added = _native(headers)
    if not added:
        return start_response

    def start(status: str, own: _Headers, exc_info: Any = None, /) -> _Write:
        return start_response(status, [*own, *added], exc_info)

    return start


def _status_line(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


def _native(headers: Iterable[Header]) -> _Headers:
    return [(name, value.encode("latin-1", "replace").decode("latin-1")) for name, value in headers]
