"""FastAPI: the middleware in one line, dependencies, and security schemes for the OpenAPI document.

from greffier.fastapi import CurrentAuth, add_auth, require_auth

add_auth(app, public_routes=["/"])

@app.get("/me")
async def me(auth: CurrentAuth): return {"user_id": auth.user_id}

@app.delete("/reports/{id}", dependencies=[Depends(require_auth(permission="org:reports:delete"))])
async def delete_report(id: str): ...
"""

from collections.abc import Callable
from typing import Annotated, Any, Unpack, cast

from fastapi import FastAPI, HTTPException, Security, WebSocketException
from fastapi.openapi.models import APIKey, APIKeyIn, HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from greffier.asgi import AuthMiddleware
from greffier.sdk.auth_object import AuthObject
from greffier.sdk.authorization import Preset, Reverification, reverification_of
from greffier.sdk.current import current_user, get_auth, request_auth_of
from greffier.sdk.gate import Answer, refuse
from greffier.sdk.guard import GuardSettings

__all__ = [
    "AuthObject",
    "AuthRefused",
    "CurrentAuth",
    "RequiredAuth",
    "add_auth",
    "current_user",
    "get_auth",
    "require_auth",
    "session_cookie",
    "session_token",
]

# WebSocket close code of RFC 6455 7.4.1.
_POLICY_VIOLATION = 1008


class AuthRefused(HTTPException):
    """A dependency refused a request. `detail` is the JSON body, in the published error envelope."""


def add_auth(app: FastAPI, **settings: Unpack[GuardSettings]) -> None:
    """Add `AuthMiddleware` to the app, and let `AuthRefused` be answered with its body as it is."""
    app.add_middleware(AuthMiddleware, respond=_response, **settings)
    app.add_exception_handler(AuthRefused, _answer)


def _response(answer: Answer) -> Response:
    response = Response(answer.body, answer.status)
    for name, value in answer.headers:
        response.headers.append(name, value)
    return response


class _AuthScheme(SecurityBase):
    """A security scheme of the OpenAPI document; as a dependency it is the auth object of the request."""

    def __init__(self, name: str, model: HTTPBearer | APIKey) -> None:
        self.scheme_name = name
        self.model = model

    def __call__(self, connection: HTTPConnection) -> AuthObject:
        return get_auth(connection)


session_token = _AuthScheme(
    "sessionToken",
    HTTPBearer(bearerFormat="JWT", description="A session token, or a machine token where accepted."),
)
session_cookie = _AuthScheme(
    "sessionCookie",
    APIKey.model_validate(
        {"in": APIKeyIn.cookie, "name": "__session", "description": "Set by the browser SDK."}
    ),
)


def _current_auth(
    by_header: Annotated[AuthObject, Security(session_token)],
    by_cookie: Annotated[AuthObject, Security(session_cookie)],
) -> AuthObject:
    # Both schemes read what the middleware found; asking for both lists both in the OpenAPI document.
    return by_header


#: Who is asking, signed in or not: `async def page(auth: CurrentAuth)`.
CurrentAuth = Annotated[AuthObject, Security(_current_auth)]


def require_auth(
    *,
    role: str | None = None,
    permission: str | None = None,
    feature: str | None = None,
    plan: str | None = None,
    reverification: Preset | Reverification | None = None,
) -> Callable[..., AuthObject]:
    """A dependency that lets only signed-in requests pass which satisfy everything that is asked for.

    Signed-out pages are redirected to sign in, other requests get 401. Who is signed in but lacks something
    gets 403; a verification that is too old is told in the published form, so that browser SDKs ask for it.
    """
    asked: dict[str, Any] = {"role": role, "permission": permission, "feature": feature, "plan": plan}
    asks_authorization = any(value is not None for value in asked.values())

    def dependency(connection: HTTPConnection, auth: CurrentAuth) -> AuthObject:
        if not auth.is_authenticated:
            raise _refused(connection, auth)
        if asks_authorization and not auth.has(**asked):
            raise _forbidden(
                connection, _errors("authorization_invalid", "You are not authorized to do this.")
            )
        if reverification is not None and not auth.has(reverification=reverification):
            raise _forbidden(connection, _reverification_error(reverification_of(reverification)))
        return auth

    return dependency


#: Who is asking, certainly signed in: `async def page(auth: RequiredAuth)`.
RequiredAuth = Annotated[AuthObject, Security(require_auth())]


def _answer(request: Request, refused: Exception) -> Response:
    error = cast("AuthRefused", refused)
    return JSONResponse(error.detail, error.status_code, error.headers)


def _refused(connection: HTTPConnection, auth: AuthObject) -> Exception:
    if connection.scope["type"] == "websocket":
        return WebSocketException(_POLICY_VIOLATION)
    request = request_auth_of(connection)
    if request.state is None:  # it could not be authenticated where nobody could be sent on a handshake
        return AuthRefused(401, _errors("authentication_required", "Sign in first."))
    answer = refuse(request.visit, request.state, auth)
    # The middleware adds the headers of the state itself.
    headers = {name: value for name, value in answer.headers if name in ("location", "www-authenticate")}
    return AuthRefused(answer.status, _errors("authentication_required", "Sign in first."), headers)


def _forbidden(connection: HTTPConnection, body: dict[str, Any]) -> Exception:
    if connection.scope["type"] == "websocket":
        return WebSocketException(_POLICY_VIOLATION)
    return AuthRefused(403, body)


def _errors(code: str, message: str) -> dict[str, Any]:
    return {"errors": [{"code": code, "message": message, "long_message": message}]}


def _reverification_error(rule: Reverification) -> dict[str, Any]:
    metadata = {"reverification": {"level": rule.level, "afterMinutes": rule.after_minutes}}
    return {"clerk_error": {"type": "forbidden", "reason": "reverification-error", "metadata": metadata}}
