"""`AuthMiddleware` for any ASGI app: Starlette, FastAPI, Litestar, or none of them.

    app = AuthMiddleware(app, publishable_key="pk_...", secret_key="sk_...", public_routes=["/", "/blog/**"])

Every route is protected but the public ones. Settings that are not given come from `GREFFIER_*` variables.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Unpack

from greffier.sdk.auth_object import AuthObject
from greffier.sdk.auth_request import AuthRequest
from greffier.sdk.authenticate import Authenticator, authenticate
from greffier.sdk.current import SCOPE_KEY, auth, current_auth, get_auth
from greffier.sdk.errors import HandshakeError
from greffier.sdk.gate import Answer, Gate, refuse
from greffier.sdk.options import AuthOptions, AuthSettings
from greffier.sdk.request_state import Header, RequestState
from greffier.sdk.routes import Routes
from greffier.sdk.steps import run_async
from greffier.sdk.transport import Transport
from greffier.sdk.visit import Visit

__all__ = ["AuthMiddleware", "AuthObject", "auth", "get_auth"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Where the middleware keeps the request on its way through authentication, for `greffier.fastapi`.
VISIT_KEY = "greffier.visit"
STATE_KEY = "greffier.state"

# WebSocket close codes: RFC 6455 7.4.1 (policy violation), sent before the handshake is accepted.
_POLICY_VIOLATION = 1008


class AuthMiddleware:
    """Authenticates every request once, and protects every route but the public ones.

    - A page that a signed-out visitor opens is redirected (307) to sign in, with a `redirect_url` to return.
    - Any other request gets 401 with a JSON body and `WWW-Authenticate`; a WebSocket is closed.
    - What belongs to the handshake is answered before the app sees the request.
    - Answers carry `x-clerk-auth-status`, and `-reason` and `-message` where there are any.

    `public_routes` and `ignored_routes` hold path patterns (`/blog/*`, `/docs/**`, `/posts/:id`), compiled
    regular expressions, or functions of an `AuthRequest`. On a public route `auth()` works, signed in or not;
    on an ignored one nothing is looked at. `/sign-in`, `/sign-up` and all below them are public by default.

    The other settings, such as `publishable_key` and `secret_key`, are those of
    `greffier.sdk.options.AuthOptions`; what is not given comes from `GREFFIER_*` variables.
    """

    def __init__(
        self,
        app: App,
        *,
        public_routes: Routes = (),
        ignored_routes: Routes = (),
        transport: Transport | None = None,
        **settings: Unpack[AuthSettings],
    ) -> None:
        options = AuthOptions.from_environment(**settings)
        self.app = app
        self.options = options
        self.authenticator = Authenticator(options, transport=transport)
        self._gate = Gate(options, public_routes=public_routes, ignored_routes=ignored_routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        request = AuthRequest.from_asgi(scope, trust_forwarded=self.options.trust_forwarded_headers)
        path = _route_path(scope)
        if self._gate.ignores(request, path):
            return await self.app(scope, receive, send)
        visit = self.authenticator.visit(request)
        try:
            state = await run_async(authenticate(visit))
        except HandshakeError as error:
            return await _answer(scope, send, _explanation(error))
        if state.location is not None:
            return await _answer(scope, send, Answer(307, (*state.headers, *state.debug_headers())))
        auth = state.to_auth()
        if not auth.is_authenticated and not self._gate.is_public(request, path):
            return await _answer(scope, send, refuse(visit, state, auth))
        return await self._run_app(scope, receive, send, visit, state, auth)

    async def _run_app(
        self, scope: Scope, receive: Receive, send: Send, visit: Visit, state: RequestState, auth: AuthObject
    ) -> None:
        scope[SCOPE_KEY], scope[STATE_KEY], scope[VISIT_KEY] = auth, state, visit
        token = current_auth.set(auth)
        try:
            await self.app(scope, receive, _with_headers(send, (*state.headers, *state.debug_headers())))
        finally:
            current_auth.reset(token)


def _route_path(scope: Scope) -> str:
    """The path that the app's routes are compared with: without the prefix under which it is mounted."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if root and (path == root or path.startswith(root + "/")):
        return path[len(root) :] or "/"
    return path


def _with_headers(send: Send, headers: Iterable[Header]) -> Send:
    encoded = _encoded(headers)

    async def send_with_headers(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.accept"):
            message["headers"] = [*message.get("headers", ()), *encoded]
        await send(message)

    return send_with_headers


async def _answer(scope: Scope, send: Send, answer: Answer) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        return
    body = b"" if scope.get("method") == "HEAD" else answer.body
    headers = [*_encoded(answer.headers), (b"content-length", str(len(answer.body)).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _encoded(headers: Iterable[Header]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]


def _explanation(error: HandshakeError) -> Answer:
    headers = (("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store"))
    return Answer(400, headers, str(error).encode())
