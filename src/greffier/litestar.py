"""Litestar: a plugin for the whole app, a dependency for the auth object, and guards for single routes.

from greffier.litestar import AuthPlugin, CurrentAuth, require_auth

@get("/me")
async def me(auth: CurrentAuth) -> dict[str, str | None]: return {"user_id": auth.user_id}

@delete("/reports/{report_id:str}", guards=[require_auth(permission="org:reports:delete")])
async def delete_report(report_id: str) -> None: ...

app = Litestar([me, delete_report], plugins=[AuthPlugin(public_routes=["/"])])
"""

import inspect
from collections.abc import Awaitable, Callable
from copy import copy
from typing import Any, Unpack, cast

from litestar import Request, Response, asgi
from litestar.config.app import AppConfig
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException, WebSocketException
from litestar.handlers import ASGIRouteHandler, BaseRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.openapi.spec import Components, SecurityScheme
from litestar.params import SkipValidation
from litestar.plugins import InitPlugin
from litestar.response.base import ASGIResponse
from litestar.static_files import config as static_files
from litestar.types import Receive, Scope, Send

from greffier.asgi import AuthMiddleware
from greffier.sdk.auth_object import AuthObject
from greffier.sdk.errors import ConfigurationError, GreffierError, HandshakeError, StartRefused
from greffier.sdk.protection.current import auth, current_user, get_auth, request_auth_of
from greffier.sdk.protection.gate import Answer
from greffier.sdk.protection.guard import GuardSettings
from greffier.sdk.protection.protected_resource import WELL_KNOWN, metadata_path
from greffier.sdk.protection.requirements import Conditions, Requirement
from greffier.sdk.protection.sign_out import PATH as SIGN_OUT_PATH
from greffier.sdk.steps import run_async

__all__ = [
    "AuthObject",
    "AuthPlugin",
    "AuthRefused",
    "CurrentAuth",
    "auth",
    "current_user",
    "get_auth",
    "mount",
    "require_auth",
]

# WebSocket close code of RFC 6455 7.4.1.
_POLICY_VIOLATION = 1008

_SCHEMES = Components(
    security_schemes={
        "sessionToken": SecurityScheme(
            type="http",
            scheme="bearer",
            bearer_format="JWT",
            description="A session token, or a machine token where accepted.",
        ),
        "sessionCookie": SecurityScheme(
            type="apiKey",
            security_scheme_in="cookie",
            name="__session",
            description="Set by the browser SDK.",
        ),
    }
)

# : The request's auth object, signed in or not: `async def page(auth: CurrentAuth)`. The parameter must be
# called `auth`.
CurrentAuth = NamedDependency[SkipValidation[AuthObject]]

RouteGuard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]


class AuthRefused(HTTPException):
    """A guard refused a request; `answer` is in the published error envelope."""

    def __init__(self, answer: Answer) -> None:
        headers = {name: value for name, value in answer.headers if name != "content-type"}
        super().__init__(status_code=answer.status, headers=headers, extra=answer.json())
        self.answer = answer


class AuthPlugin(InitPlugin):
    """Protects every route of an app but the public ones, and provides `auth` to handlers.

    `frontend_api` is mounted at the path of `proxy_url` (`/__clerk` by default): Greffier itself
    (`greffier.server.create_app()`), which starts and stops with the app and whose keys are used, or a
    `greffier.proxy.FrontendApiProxy`. The other settings are those of
    `greffier.sdk.protection.guard.GuardSettings`; hooks may answer with a Litestar `Response` or any
    ASGI app.

    The OpenAPI document asks for a session of every route; `security=[{}]` at a handler allows none as well.
    """

    def __init__(self, *, frontend_api: Any = None, **settings: Unpack[GuardSettings]) -> None:
        self._frontend_api = frontend_api
        self._settings = settings
        if frontend_api is not None:
            self._settings.setdefault("proxy_url", "/__clerk")
            for name in ("publishable_key", "secret_key"):
                if getattr(frontend_api, name, None):
                    self._settings.setdefault(name, getattr(frontend_api, name))

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Called by Litestar. Raises `ConfigurationError` for settings that cannot work."""
        settings = cast("GuardSettings", {**self._settings, **_adapted_hooks(self._settings)})
        template = _template(settings)
        app_config.middleware.insert(
            0, DefineMiddleware(cast("Any", RouteMiddleware), template=template, **settings)
        )
        app_config.dependencies.setdefault("auth", Provide(_provide_auth))
        cast("Any", app_config).exception_handlers.setdefault(AuthRefused, _answer)
        # Litestar knows a path, or its middlewares never see it.
        resource = template.options.resource
        known = () if resource is None else (WELL_KNOWN, metadata_path(resource))
        answered = asgi(sorted({SIGN_OUT_PATH, *known}), copy_scope=True)(_answered_by_the_middleware)
        app_config.route_handlers.append(answered)
        _add_to_openapi(app_config)
        if self._frontend_api is not None:
            self._mount(app_config)
        return app_config

    def _mount(self, app_config: AppConfig) -> None:
        path = self._settings.get("proxy_url") or ""
        if not path.startswith("/"):
            raise ConfigurationError("With frontend_api, proxy_url is a path such as /__clerk.")
        app_config.route_handlers.append(mount(self._frontend_api, path))
        for name, hooks in (("start", app_config.on_startup), ("stop", app_config.on_shutdown)):
            hook = getattr(self._frontend_api, name, None)
            if hook is not None:
                hooks.append(hook)


def mount(app: Any, path: str = "/__clerk") -> ASGIRouteHandler:
    """A route handler that leaves everything below `path` to an ASGI app: Greffier itself, or a proxy."""

    async def frontend_api(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    return asgi(path.rstrip("/"), is_mount=True, copy_scope=True)(frontend_api)


def require_auth(**asked: Unpack[Conditions]) -> RouteGuard:
    """A guard that lets only signed-in requests pass which satisfy everything that is asked for: `role`,
    `permission`, `feature`, `plan`, `reverification`, and the type of `token`.

    Signed-out pages are redirected to sign in, other requests get 401. A signed-in user who lacks something
    gets 403; a verification that is too old is reported in the published form, so that browser SDKs ask for
    it. A WebSocket is closed with code 1008.
    """
    return require(Requirement(**asked))


def require(requirement: Requirement) -> RouteGuard:
    """A guard that lets only requests pass which satisfy a requirement."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        refusal = await run_async(requirement.refusal(request_auth_of(connection)))
        if refusal is None:
            return
        if connection.scope["type"] == "websocket":
            raise WebSocketException(detail="Sign in first.", code=_POLICY_VIOLATION)
        raise AuthRefused(refusal)

    return guard


async def _provide_auth(scope: Scope) -> AuthObject:
    try:
        return await run_async(request_auth_of(scope).settle())
    except HandshakeError:
        return AuthObject()


class AnswerResponse(Response[bytes]):
    """An `Answer` as a response of Litestar, with every header: a plain response keeps one of each name."""

    def __init__(self, answer: Answer) -> None:
        media_type = next((value for name, value in answer.headers if name == "content-type"), "text/plain")
        super().__init__(answer.body, status_code=answer.status, media_type=media_type)
        self._answer = answer

    def to_asgi_response(self, app: Any, request: Any, **options: Any) -> ASGIResponse:
        """Called by Litestar."""
        made = super().to_asgi_response(app, request, **options)  # pyright: ignore[reportUnknownMemberType]
        for name, value in self._answer.headers:
            if name != "content-type":
                made.headers.add(name, value.encode("latin-1", "replace").decode("latin-1"))
        return made


def _answer(request: Any, refused: Exception) -> AnswerResponse:
    return AnswerResponse(cast("AuthRefused", refused).answer)


class RouteMiddleware(AuthMiddleware):
    """Litestar makes a middleware for every route: they share what each would fetch anew, such as keys."""

    def __init__(self, app: Any, *, template: AuthMiddleware, **settings: Unpack[GuardSettings]) -> None:
        vars(self).update(vars(template))
        self.app = app


def _template(settings: GuardSettings) -> AuthMiddleware:
    try:
        return AuthMiddleware(_not_yet_routed, respond=AnswerResponse, is_static=_is_static, **settings)
    except (GreffierError, TypeError, ValueError) as error:
        raise StartRefused(str(error)) from error


def _is_static(app: Any, scope: Any) -> bool:
    """Whether a router of `create_static_files_router` answers. Litestar has routed the request already."""
    handler: Any = scope.get("route_handler")
    return getattr(getattr(handler, "fn", None), "__module__", None) == static_files.__name__


async def _answered_by_the_middleware(scope: Scope, receive: Receive, send: Send) -> None: ...


async def _not_yet_routed(scope: Any, receive: Any, send: Any) -> None: ...


def _adapted_hooks(settings: GuardSettings) -> dict[str, Any]:
    hooks = {name: settings.get(name) for name in ("before_auth", "after_auth")}
    return {name: _adapted(hook) for name, hook in hooks.items() if hook is not None}


def _adapted(hook: Any) -> Callable[..., Awaitable[Any]]:
    async def adapted(*arguments: Any) -> Any:
        said = hook(*arguments)
        if inspect.isawaitable(said):
            said = await said
        return _app_of(cast("Response[Any]", said)) if isinstance(said, Response) else said

    return adapted


def _app_of(response: Response[Any]) -> Callable[..., Awaitable[None]]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        made = response.to_asgi_response(None, request)  # pyright: ignore[reportUnknownMemberType]
        await made(scope, receive, send)

    return app


def _add_to_openapi(app_config: AppConfig) -> None:
    if app_config.openapi_config is None:
        return
    config = copy(app_config.openapi_config)
    known = config.components
    config.components = [*(known if isinstance(known, list) else [known]), _SCHEMES]
    config.security = [*(config.security or []), {"sessionToken": []}, {"sessionCookie": []}]
    app_config.openapi_config = config
