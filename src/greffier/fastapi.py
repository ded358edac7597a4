"""FastAPI: the middleware in one line, dependencies, and security schemes for the OpenAPI document.

from greffier.fastapi import CurrentAuth, add_auth, require_auth

add_auth(app, public_routes=["/"])

@app.get("/me")
async def me(auth: CurrentAuth): return {"user_id": auth.user_id}

@app.delete("/reports/{id}", dependencies=[Depends(require_auth(permission="org:reports:delete"))])
async def delete_report(id: str): ...
"""

from collections.abc import Callable
from typing import Annotated, Unpack, cast

from fastapi import FastAPI, HTTPException, Security, WebSocketException
from fastapi.openapi.models import APIKey, APIKeyIn, HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from greffier.sdk.auth_object import AuthObject
from greffier.sdk.protection.current import current_user, get_auth, request_auth_of
from greffier.sdk.protection.gate import Answer
from greffier.sdk.protection.guard import GuardSettings
from greffier.sdk.protection.requirements import Conditions, Requirement
from greffier.sdk.steps import run
from greffier.starlette import AddedAuthMiddleware, is_static, response_of

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

    def __init__(self, answer: Answer) -> None:
        headers = {name: value for name, value in answer.headers if name != "content-type"}
        super().__init__(answer.status, answer.json(), headers)
        self.answer = answer


def add_auth(app: FastAPI, **settings: Unpack[GuardSettings]) -> None:
    """Add `AuthMiddleware` to the app, and let `AuthRefused` be answered with its body as it is.

    Settings that cannot work stop the start of the server, with one line.
    """
    app.add_middleware(AddedAuthMiddleware, respond=response_of, is_static=is_static, **settings)
    app.add_exception_handler(AuthRefused, _answer)


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


# : The request's auth object, signed in or not: `async def page(auth: CurrentAuth)`.
CurrentAuth = Annotated[AuthObject, Security(_current_auth)]


def require_auth(**asked: Unpack[Conditions]) -> Callable[..., AuthObject]:
    """A dependency that lets only signed-in requests pass which satisfy everything that is asked for: `role`,
    `permission`, `feature`, `plan`, `reverification`, and the type of `token`.

    Signed-out pages are redirected to sign in, other requests get 401. A signed-in user who lacks something
    gets 403; a verification that is too old is reported in the published form, so that browser SDKs ask for
    it.
    """
    return require(Requirement(**asked))


def require(requirement: Requirement) -> Callable[..., AuthObject]:
    """A dependency that lets only requests pass which satisfy a requirement."""

    def dependency(connection: HTTPConnection, auth: CurrentAuth) -> AuthObject:
        refusal = run(requirement.refusal(request_auth_of(connection)))
        if refusal is not None:
            raise _refused(connection, refusal)
        return auth

    return dependency


# : The auth object of a request that is certainly signed in: `async def page(auth: RequiredAuth)`.
RequiredAuth = Annotated[AuthObject, Security(require_auth())]


def _answer(request: Request, refused: Exception) -> Response:
    return response_of(cast("AuthRefused", refused).answer)


def _refused(connection: HTTPConnection, refusal: Answer) -> Exception:
    if connection.scope["type"] == "websocket":
        return WebSocketException(_POLICY_VIOLATION)
    return AuthRefused(refusal)
