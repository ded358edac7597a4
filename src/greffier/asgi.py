"""`AuthMiddleware` for any ASGI app: Starlette, FastAPI, Litestar, or none of them.

    app = AuthMiddleware(app, publishable_key="pk_...", secret_key="sk_...", public_routes=["/", "/blog/**"])

Every route is protected but the public ones. Settings that are not given come from `GREFFIER_*` variables.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from copy import copy
from functools import partial
from typing import Any, Unpack, cast
from urllib.parse import unquote

from greffier.sdk.auth_object import AuthObject
from greffier.sdk.authentication.recent_requests import find_deciding
from greffier.sdk.authentication.request_state import Header
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.protection.current import SCOPE_KEY, auth, current, current_user, get_auth
from greffier.sdk.protection.gate import Answer
from greffier.sdk.protection.guard import RECALLED_HEADERS, Guard, GuardSettings, Passed
from greffier.sdk.protection.request_auth import RequestAuth
from greffier.sdk.protection.sign_out import PATH as SIGN_OUT_PATH
from greffier.sdk.steps import run_async

__all__ = ["AuthMiddleware", "AuthObject", "auth", "current_user", "get_auth", "with_auth"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_EncodedHeaders = list[tuple[bytes, bytes]]
# The data that an app finds in the scope, and the callable that sends its response.
_Passed = tuple[RequestAuth, Send]

# WebSocket close codes: RFC 6455 7.4.1 (policy violation), sent before the handshake is accepted.
_POLICY_VIOLATION = 1008


class AnswerApp:
    """An `Answer` as an ASGI app."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        content = self.answer.body
        headers = [*_encoded(self.answer.headers), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": self.answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope.get("method") == "HEAD" else content})


def through_cors(app: Any, answer: App) -> App:
    """An answer in place of the app's, with what the app's own `CORSMiddleware` adds to it.

    Preflights carry no cookies and no token, and a page may read a refusal only with these headers. So a
    layer that lies below this middleware, where it does not see a refusal, is put around the refusal.
    """
    while app is not None:
        if _is_cors(cast("object", type(app))):
            layer = copy(app)
            layer.app = answer
            return layer
        for added in getattr(app, "user_middleware", ()):
            if _is_cors(added.cls):
                return added.cls(answer, *added.args, **added.kwargs)
        app = getattr(app, "app", None)
    return answer


def _is_cors(kind: object) -> bool:
    return isinstance(kind, type) and any(base.__name__ == "CORSMiddleware" for base in kind.__mro__)


class AuthMiddleware:
    """Authenticates every request once, and protects every route but the public ones.

    - A page that a signed-out visitor opens is redirected (307) to sign in, with a `redirect_url` to return.
    - Any other request gets 401 with a JSON body and `WWW-Authenticate`; a WebSocket is closed, also one
      that a page of another origin opens with the visitor's cookies.
    - Requests of the handshake are answered before the app sees them.
    - Answers carry `x-clerk-auth-status`, and `-reason` and `-message` where there are any.

    `public_routes` and `ignored_routes` hold path patterns (`/blog/*`, `/docs/**`, `/posts/:id`), compiled
    regular expressions, or functions of an `AuthRequest`. `/sign-in`, `/sign-up` and all below them are
    public by default. `is_static` tells of an app and a scope whether a folder of files that the app has
    mounted answers: its scripts, styles, fonts and icons are not examined. A hook (`before_auth`,
    `after_auth`) may answer with any ASGI app, such as a Starlette `Response`.

    All settings are those of `greffier.sdk.protection.guard.GuardSettings` and
    `greffier.sdk.options.AuthOptions`; what is not given comes from `GREFFIER_*` variables.
    """

    def __init__(
        self,
        app: App,
        *,
        respond: Callable[[Answer], Any] = AnswerApp,
        is_static: Callable[[App, Scope], bool] | None = None,
        **settings: Unpack[GuardSettings],
    ) -> None:
        self.app = app
        self._is_static = is_static
        self.guard = Guard(respond, settings)
        self.options = self.guard.options
        self._passes_alike = self.guard.passes_alike
        self._find = self.guard.authenticator.recent.find

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif passed := (self._passes_alike and self._recall(scope, send)) or await self._admit(
            scope, receive, send
        ):
            scope[SCOPE_KEY], send = passed
            token = current.set(passed[0])
            try:
                await self.app(scope, receive, send)
            finally:
                current.reset(token)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> _Passed | None:
        """The scope and send callable for the app; None when the request has been answered already."""
        is_static = self._is_static and partial(self._is_static, self.app, scope)
        steps = self.guard.admit(self._request(scope), _route_path(scope), is_static=is_static)
        outcome = await run_async(steps)
        if isinstance(outcome, Passed):
            return outcome.auth, _with_headers(send, _encoded(outcome.headers))
        if outcome is None:
            await self.app(scope, receive, send)
        elif isinstance(outcome, Answer):
            await through_cors(self.app, AnswerApp(outcome))(scope, receive, send)
        else:
            app = AnswerApp(outcome.response) if isinstance(outcome.response, Answer) else outcome.response
            await app(scope, receive, _with_headers(send, _encoded(outcome.headers)))
        return None

    def _request(self, scope: Scope) -> AuthRequest:
        return AuthRequest.from_asgi(
            scope,
            trust_forwarded=self.options.trust_forwarded_headers,
            root_path=getattr(self.app, "root_path", ""),  # FastAPI puts it into the scope of inner layers
        )

    def _recall(self, scope: Scope, send: Send) -> _Passed | None:
        """The fast path for a request that repeats a recent one."""
        # Few calls: this is all that it costs.
        pairs: list[tuple[bytes, bytes]] = scope["headers"]
        headers = dict(pairs)
        if type(pairs) is not list or len(headers) != len(pairs) or scope["type"] != "http":
            return None
        from_page = headers.get(b"sec-fetch-dest") == b"document" and b"referer" in headers
        path: str = scope["path"]
        if (
            from_page
            or "." in path
            or path.endswith(SIGN_OUT_PATH)
            or find_deciding(scope.get("query_string", b""))
        ):
            return None
        recent = self._find((headers.get(b"cookie", b""), headers.get(b"authorization", b"")))
        if recent is None:
            return None
        # A copy, because the scope itself will hold what is made here: that would close a circle which only
        # the garbage collector opens.
        as_it_came = dict(scope)
        found = RequestAuth(
            self.guard.authenticator, lambda: self._request(as_it_came), self.guard.respond, recent
        )
        return found, _with_headers(send, _RECALLED_HEADERS)


def with_auth(**settings: Unpack[GuardSettings]) -> Callable[[App], AuthMiddleware]:
    """`AuthMiddleware` as a decorator of an ASGI app, such as a middleware of your own.

    @with_auth(public_routes=["/"])
    async def app(scope, receive, send): ...
    """

    def decorate(app: App) -> AuthMiddleware:
        return AuthMiddleware(app, **settings)

    return decorate


def _route_path(scope: Scope) -> str:
    """The path that the app's routes are compared with: without the prefix under which it is mounted."""
    root: str = scope.get("root_path", "")
    whole = _without_prefix(unquote((scope.get("raw_path") or b"").decode("latin-1")), root)
    path = _without_prefix(scope["path"], root)
    # Litestar takes the prefix of a mount off `path` before its middlewares run: /admin would be / here.
    return whole if len(whole) > len(path) and whole.rstrip("/").endswith(path.rstrip("/")) else path


def _without_prefix(path: str, root: str) -> str:
    if root and (path == root or path.startswith(root + "/")):
        return path[len(root) :] or "/"
    return path


def _with_headers(send: Send, headers: _EncodedHeaders) -> Send:
    if not headers:
        return send

    def send_with_headers(message: Message) -> Awaitable[None]:  # not a coroutine around a coroutine
        if message["type"] in ("http.response.start", "websocket.accept"):
            message["headers"] = [*message.get("headers", ()), *headers]
        return send(message)

    return send_with_headers


def _encoded(headers: Iterable[Header]) -> _EncodedHeaders:
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]


_RECALLED_HEADERS = _encoded(RECALLED_HEADERS)
