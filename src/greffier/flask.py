"""Flask: an extension that protects the whole app, the auth object, and decorators for single views.

from greffier.flask import Auth, current_auth, require_auth

auth = Auth(app, public_routes=["/"])

@app.get("/me")
def me(): return {"user_id": current_auth.user_id}

@app.delete("/reports/<id>")
@require_auth(permission="org:reports:delete")
def delete_report(id): ...
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, ParamSpec, Unpack, cast

from flask import Flask, Request, Response, current_app, has_request_context, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.local import LocalProxy

from greffier.sdk.auth_object import AuthObject
from greffier.sdk.errors import ConfigurationError
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.protection.current import SCOPE_KEY, current_user_sync, get_auth, request_auth_of
from greffier.sdk.protection.gate import Answer
from greffier.sdk.protection.guard import GuardSettings
from greffier.sdk.protection.request_auth import RequestAuth
from greffier.sdk.protection.requirements import Conditions, Requirement
from greffier.sdk.steps import run
from greffier.wsgi import AuthMiddleware

__all__ = [
    "Auth",
    "AuthObject",
    "current_auth",
    "current_user",
    "get_auth",
    "login_required",
    "redirect_to_sign_in",
    "require_auth",
]

P = ParamSpec("P")

_EXTENSION = "greffier"

#: The signed-in user as the Backend API shows it; None when signed out. Blocks for at most one request.
current_user = current_user_sync


class Auth:
    """Protects every route of an app but the public ones, blueprints and files included.

    The settings are those of `greffier.sdk.protection.guard.GuardSettings`. The arguments of `init_app` come
    first, then those given here, `app.config` (`GREFFIER_PUBLIC_ROUTES` and so on), and `GREFFIER_*`
    variables. Hooks may answer with a Flask `Response`.
    """

    def __init__(self, app: Flask | None = None, **settings: Unpack[GuardSettings]) -> None:
        self._settings = settings
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask, **settings: Unpack[GuardSettings]) -> None:
        """Protect this app. Several apps may be protected by one extension.

        Raises `ConfigurationError` when the app is protected already, or for settings that are wrong.
        """
        if _EXTENSION in app.extensions:
            raise ConfigurationError(f"{app.name} is protected already: call init_app once for each app.")
        merged = cast("GuardSettings", {**_settings_of(app), **self._settings, **settings})
        middleware = AuthMiddleware(
            app.wsgi_app,
            respond=_response,
            is_static=partial(_is_static, app),
            through_cors=partial(_through_cors, app),
            **merged,
        )
        app.wsgi_app = middleware
        app.extensions[_EXTENSION] = middleware
        app.context_processor(_for_templates)


def require_auth(
    **asked: Unpack[Conditions],
) -> Callable[[Callable[P, Any]], Callable[P, ResponseReturnValue]]:
    """Let only signed-in requests reach a view which satisfy everything that is asked for: `role`,
    `permission`, `feature`, `plan`, `reverification`, and the type of `token`.

    Signed-out pages are redirected to sign in, other requests get 401. A signed-in user who lacks something
    gets 403; a verification that is too old is reported in the published form, so that browser SDKs ask for
    it.
    """
    return require(Requirement(**asked))


def require(
    requirement: Requirement,
) -> Callable[[Callable[P, Any]], Callable[P, ResponseReturnValue]]:
    """Let only requests reach a view which satisfy a requirement."""

    def decorate(view: Callable[P, Any]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            refusal = run(requirement.refusal(_request_auth()))
            if refusal is not None:
                return _response(refusal)
            return current_app.ensure_sync(view)(*args, **kwargs)

        return guarded

    return decorate


def login_required(view: Callable[P, Any]) -> Callable[P, ResponseReturnValue]:
    """Let only signed-in requests reach a view: for routes that are public, and apps in lazy mode."""
    return require_auth()(view)


def redirect_to_sign_in(return_to: str | None = None) -> Response:
    """The response that sends the visitor to sign in and back to `return_to`, by default to this URL."""
    return _request_auth().redirect_to_sign_in(return_to)


def _is_static(app: Flask, environ: Any) -> bool:
    """Whether the app, or one of its blueprints, answers from its `static_folder`."""
    try:
        endpoint, _ = app.create_url_adapter(Request(environ)).match()  # pyright: ignore[reportOptionalMemberAccess]
    except HTTPException:
        return False
    owner, _, name = str(endpoint).rpartition(".")
    holder = app.blueprints.get(owner) if owner else app
    return name == "static" and holder is not None and holder.has_static_folder


def _through_cors(app: Flask, environ: Any, answer: Answer) -> Answer:
    """The answer with what Flask-CORS adds. It sees only what views answer, by functions that run after them.

    A preflight that it allows is answered so: it carries no cookies and no token.
    """
    with app.request_context(environ):
        is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response = Response(status=204) if is_preflight else _response(answer)
        for scope in (*request.blueprints, None):
            for function in reversed(app.after_request_funcs.get(scope, [])):
                if function.__module__.partition(".")[0] == "flask_cors":
                    response: Any = current_app.ensure_sync(function)(response)
    if is_preflight and "Access-Control-Allow-Origin" not in response.headers:
        return answer
    return Answer(response.status_code, tuple(response.headers), response.get_data())


def _settings_of(app: Flask) -> dict[str, Any]:
    prefixed = ((name, f"GREFFIER_{name.upper()}") for name in GuardSettings.__annotations__)
    return {name: app.config[key] for name, key in prefixed if key in app.config}


def _request_auth() -> RequestAuth:
    try:
        return request_auth_of(request)
    except ConfigurationError:
        middleware = current_app.extensions.get(_EXTENSION)
        if middleware is None:
            raise
    # Requests that did not come by the middleware, such as those of `test_request_context`.
    trust = middleware.options.trust_forwarded_headers
    found = middleware.guard.request_auth(AuthRequest.from_environ(request.environ, trust_forwarded=trust))
    request.environ[SCOPE_KEY] = found
    return found


def _current_auth() -> AuthObject:
    return _request_auth().auth


# : The request's auth object, signed in or not; also in templates.
current_auth: AuthObject = cast("AuthObject", LocalProxy(_current_auth))


def _for_templates() -> dict[str, Any]:
    # Mails are rendered without a request at hand.
    return {"current_auth": current_auth} if has_request_context() else {}


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, list(answer.headers))
