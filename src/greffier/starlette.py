"""Starlette: the middleware in one line, a decorator, and its own `request.user` and `@requires`.

from greffier.starlette import add_auth, require_auth

add_auth(app, public_routes=["/"])

@require_auth(permission="org:reports:delete")
async def delete_report(request): ...
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, Unpack, cast

from starlette import authentication
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.routing import Match, Mount, Router
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from greffier.asgi import AuthMiddleware
from greffier.sdk.auth_object import AuthObject
from greffier.sdk.errors import GreffierError, HandshakeError
from greffier.sdk.protection.current import auth, current_user, get_auth, request_auth_of
from greffier.sdk.protection.gate import Answer
from greffier.sdk.protection.guard import GuardSettings
from greffier.sdk.protection.requirements import Conditions, Requirement
from greffier.sdk.steps import run, run_async

__all__ = [
    "AuthMiddleware",
    "AuthObject",
    "AuthenticatedUser",
    "AuthenticationBackend",
    "add_auth",
    "auth",
    "current_user",
    "get_auth",
    "require_auth",
    "response_of",
]

P = ParamSpec("P")

# WebSocket close code of RFC 6455 7.4.1.
_POLICY_VIOLATION = 1008


def add_auth(app: Starlette, **settings: Unpack[GuardSettings]) -> None:
    """Add `AuthMiddleware` to the app. Hooks and `redirect_to_sign_in` give and take Starlette responses.

    Settings that cannot work stop the start of the server, with one line.
    """
    app.add_middleware(AddedAuthMiddleware, respond=response_of, is_static=is_static, **settings)


class AddedAuthMiddleware(AuthMiddleware):
    """Makes the `AuthMiddleware` when Starlette makes its layers: at the first event, when an exception would
    only say that the app has no lifespan. So a mistake in the settings makes an app that reports it instead.
    """

    def __new__(cls, app: Any, **settings: Any) -> Any:
        try:
            return AuthMiddleware(app, **settings)  # itself: a layer of our own would cost each request time
        except (GreffierError, TypeError, ValueError) as error:
            return _RefusedStart(error)


class _RefusedStart:
    """Fails the start of the server with one line; each request, where the server does not do lifespans."""

    def __init__(self, mistake: Exception) -> None:
        self._mistake = mistake

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            raise self._mistake
        await receive()
        await send({"type": "lifespan.startup.failed", "message": f"greffier: {self._mistake}"})


def is_static(app: Any, scope: Any) -> bool:
    """Whether Starlette's `StaticFiles`, mounted in an app or below its middlewares, answer this request."""
    routes: Any = None
    while app is not None and (routes := getattr(app, "routes", None)) is None:
        app = getattr(app, "app", None)
    for route in routes or ():
        match, below = route.matches(scope)
        if match is Match.FULL:
            mounted = route.app if isinstance(route, Mount) else None
            return isinstance(mounted, StaticFiles) or (
                isinstance(mounted, Starlette | Router) and is_static(mounted, {**scope, **below})
            )
    return False


def response_of(answer: Answer) -> Response:
    """Starlette's own response for an answer, with every header it has."""
    response = Response(answer.body, answer.status)
    for name, value in answer.headers:
        response.headers.append(name, value)
    return response


def require_auth(**asked: Unpack[Conditions]) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Let only signed-in requests reach an endpoint which satisfy everything that is asked for: `role`,
    `permission`, `feature`, `plan`, `reverification`, and the type of `token`.

    It decorates plain and asynchronous endpoints, methods of endpoint classes, and endpoints of WebSockets,
    which are closed with code 1008. Signed-out pages are redirected to sign in, other requests get 401. A
    signed-in user who lacks something gets 403; a verification that is too old is reported in the published
    form, so that browser SDKs ask for it.
    """
    return require(Requirement(**asked))


def require(requirement: Requirement) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Let only requests reach an endpoint which satisfy a requirement."""

    def decorate(endpoint: Callable[P, Any]) -> Callable[P, Any]:
        if not inspect.iscoroutinefunction(endpoint):

            @functools.wraps(endpoint)
            def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
                refusal = run(requirement.refusal(request_auth_of(_connection(endpoint, args, kwargs))))
                return endpoint(*args, **kwargs) if refusal is None else response_of(refusal)

            return guarded

        @functools.wraps(endpoint)
        async def guarded_async(*args: P.args, **kwargs: P.kwargs) -> Any:
            connection = _connection(endpoint, args, kwargs)
            refusal = await run_async(requirement.refusal(request_auth_of(connection)))
            if refusal is None:
                return await endpoint(*args, **kwargs)
            if isinstance(connection, WebSocket):
                return await connection.close(_POLICY_VIOLATION)
            return response_of(refusal)

        return guarded_async

    return decorate


class AuthenticatedUser(authentication.BaseUser):
    """`request.user` of a signed-in request; `auth` has everything that is known."""

    def __init__(self, who: AuthObject) -> None:
        self.auth = who

    @property
    def is_authenticated(self) -> bool:
        """True: signed-out requests have Starlette's `UnauthenticatedUser`."""
        return True

    @property
    def identity(self) -> str:
        """The id of the user; that of the machine for machine tokens."""
        machine = self.auth.machine
        return self.auth.user_id or (machine.subject if machine is not None else "")

    @property
    def display_name(self) -> str:
        """The `name` claim, if the session token has one, otherwise the id."""
        name = (self.auth.session_claims or {}).get("name")
        return name if isinstance(name, str) and name else self.identity


class AuthenticationBackend(authentication.AuthenticationBackend):
    """For Starlette's `AuthenticationMiddleware`, below `AuthMiddleware`: `request.user`, `request.auth`,
    `@requires`.

    The scopes are "authenticated", the role and permissions in the active organization (`org:admin`,
    `org:reports:read`), and those of a machine token as `scope:read`: so no scope can pass for a role.
    """

    async def authenticate(
        self, conn: HTTPConnection
    ) -> tuple[authentication.AuthCredentials, authentication.BaseUser] | None:
        """The user of the request; None when signed out. Raises `ConfigurationError` where no
        `AuthMiddleware` ran.
        """
        try:
            who = await run_async(request_auth_of(conn).settle())
        except HandshakeError:
            return None
        if not who.is_authenticated:
            return None
        return authentication.AuthCredentials(_scopes(who)), AuthenticatedUser(who)


def _scopes(who: AuthObject) -> list[str]:
    scopes = ["authenticated"]
    if who.org_role:
        scopes.append(_organization(who.org_role))
    scopes += [_organization(permission) for permission in who.org_permissions or ()]
    scopes += [f"scope:{name}" for name in (who.machine.scopes if who.machine is not None else ())]
    return scopes


def _organization(name: str) -> str:
    return name if name.startswith("org:") else f"org:{name}"


def _connection(endpoint: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> HTTPConnection[Any]:
    for value in (*args, *kwargs.values()):
        if isinstance(value, HTTPConnection):
            return cast("HTTPConnection[Any]", value)
    name = getattr(endpoint, "__name__", "the endpoint")
    raise TypeError(f"require_auth() needs the request: {name} must take one.")
