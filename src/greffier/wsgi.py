"""`AuthMiddleware` for any WSGI app: Flask, Pyramid, Bottle, or none of them.

    app = AuthMiddleware(app, publishable_key="pk_...", secret_key="sk_...", public_routes=["/", "/blog/**"])

Every route is protected but the public ones. Settings that are not given come from `GREFFIER_*` variables.
"""

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Unpack

from greffier.sdk.auth_object import AuthObject
from greffier.sdk.auth_request import AuthRequest
from greffier.sdk.current import SCOPE_KEY, asked_by, auth, current_user_sync, get_auth
from greffier.sdk.gate import Answer
from greffier.sdk.guard import Answered, Guard, GuardSettings, Passed
from greffier.sdk.request_auth import RequestAuth
from greffier.sdk.request_state import Header
from greffier.sdk.steps import run

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["AuthMiddleware", "AuthObject", "auth", "current_user_sync", "get_auth", "with_auth"]

# What `start_response` takes and gives.
_Headers = list[tuple[str, str]]
_Write = Callable[[bytes], object]


class AnswerApp:
    """An `Answer` as a WSGI app."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        """Send it."""
        start_response(_status_line(self.answer.status), self._headers())
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [self.answer.body]

    def _headers(self) -> _Headers:
        return [*_native(self.answer.headers), ("content-length", str(len(self.answer.body)))]


class AuthMiddleware:
    """Authenticates every request once, and protects every route but the public ones.

    It does for WSGI what `greffier.asgi.AuthMiddleware` does for ASGI, with the same settings; hooks are
    plain functions, and may answer with any WSGI app, such as a Werkzeug `Response`. The app finds who is
    asking by `auth()`, also while its answer streams, or by `get_auth(environ)`.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        *,
        respond: Callable[[Answer], Any] = AnswerApp,
        **settings: Unpack[GuardSettings],
    ) -> None:
        self.app = app
        self.guard = Guard(respond, settings)
        self.options = self.guard.options

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """The WSGI entry point."""
        request = AuthRequest.from_environ(environ, trust_forwarded=self.options.trust_forwarded_headers)
        path = route_path(environ)
        outcome = run(self.guard.admit(request, path))
        if outcome is None:
            return self.app(environ, start_response)
        if isinstance(outcome, Answer):
            return AnswerApp(outcome)(environ, start_response)
        if isinstance(outcome, Answered):
            app = AnswerApp(outcome.response) if isinstance(outcome.response, Answer) else outcome.response
            return app(environ, _with_headers(start_response, outcome.headers))
        return self._run_app(environ, start_response, outcome, path)

    def _run_app(
        self, environ: "WSGIEnvironment", start_response: "StartResponse", passed: Passed, path: str
    ) -> Iterable[bytes]:
        environ[SCOPE_KEY] = passed.auth
        page_file = None
        if passed.page_file:
            page_file = _PageFile(self.guard, passed.auth, path, environ, start_response)
            start_response = page_file.start_response
        with asked_by(passed.auth):
            parts = self.app(environ, _with_headers(start_response, passed.headers))
        if _is_at_hand(parts, environ) and (page_file is None or page_file.is_allowed):
            return parts
        return _Parts(parts, passed.auth, page_file)


def with_auth(**settings: Unpack[GuardSettings]) -> "Callable[[WSGIApplication], AuthMiddleware]":
    """`AuthMiddleware` as a decorator of a WSGI app, such as a middleware of your own."""

    def decorate(app: "WSGIApplication") -> AuthMiddleware:
        return AuthMiddleware(app, **settings)

    return decorate


class _PageFile:
    """Lets the app's answer through if it is the page file that was asked for, and nothing protected."""

    def __init__(
        self, guard: Guard, auth: RequestAuth, path: str, environ: "WSGIEnvironment", start: "StartResponse"
    ) -> None:
        self._guard, self._auth, self._path = guard, auth, path
        self._environ, self._start = environ, start
        self.instead: list[bytes] | None = None
        """What is sent in place of the app's answer, if it may not be sent."""
        self.is_allowed = False

    def start_response(self, status: str, headers: _Headers, exc_info: Any = None) -> _Write:
        if self.instead is None:
            types = [value for name, value in headers if name.lower() == "content-type"]
            content_type = types[0] if types else ""
            answer = run(self._guard.reconsider(self._auth, self._path, int(status[:3]), content_type))
            self.is_allowed = answer is None
            if answer is None:
                return self._start(status, headers, exc_info)
            self.instead = AnswerApp(answer)(self._environ, self._start_instead(exc_info))
        return _discard

    def _start_instead(self, exc_info: Any) -> "StartResponse":
        def start(status: str, headers: _Headers, _: Any = None, /) -> _Write:
            return self._start(status, headers, exc_info)

        return start


class _Parts:
    """The parts of an answer. The app makes them after it was called, and still knows who is asking."""

    def __init__(self, parts: Iterable[bytes], auth: RequestAuth, page_file: _PageFile | None) -> None:
        self._parts, self._auth, self._page_file = parts, auth, page_file
        self._iterator: Iterator[bytes] | None = None

    def __iter__(self) -> "_Parts":
        return self

    def __next__(self) -> bytes:
        part = None if self._is_refused else self._next_part()
        if self._page_file is not None and self._page_file.instead is not None:
            part = self._page_file.instead.pop() if self._page_file.instead else None
        if part is None:
            raise StopIteration
        return part

    def close(self) -> None:
        close = getattr(self._parts, "close", None)
        if close is not None:
            with asked_by(self._auth):
                close()

    @property
    def _is_refused(self) -> bool:
        return self._page_file is not None and self._page_file.instead is not None

    def _next_part(self) -> bytes | None:
        with asked_by(self._auth):
            if self._iterator is None:
                self._iterator = iter(self._parts)
            return next(self._iterator, None)


def route_path(environ: "WSGIEnvironment") -> str:
    """The path that the app's routes are compared with, decoded and without the prefix of a mount."""
    return environ.get("PATH_INFO", "").encode("latin-1", "replace").decode("utf-8", "replace") or "/"


def _is_at_hand(parts: Iterable[bytes], environ: "WSGIEnvironment") -> bool:
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


def _discard(_: bytes) -> None:
    pass


def _status_line(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


def _native(headers: Iterable[Header]) -> _Headers:
    return [(name, value.encode("latin-1", "replace").decode("latin-1")) for name, value in headers]
