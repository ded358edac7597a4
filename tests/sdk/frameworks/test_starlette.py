"""Starlette: the decorator, and its own authentication interface above the middleware."""

from __future__ import annotations

import time
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.authentication import requires
from starlette.endpoints import HTTPEndpoint
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from greffier.sdk.errors import ConfigurationError
from greffier.starlette import (
    AuthenticationBackend,
    AuthMiddleware,
    add_auth,
    auth,
    get_auth,
    require_auth,
    response_of,
)
from tests.sdk.apps import DOCUMENT, ORIGIN, PRODUCTION, signed_in_cookies
from tests.sdk.recorded_backend import RecordedBackend

SETTINGS: dict[str, Any] = {
    "publishable_key": PRODUCTION.publishable_key,
    "jwt_key": PRODUCTION.pem,
    "public_routes": ["/**"],
}
ADMIN = {"org_id": "org_1", "org_role": "org:admin", "org_permissions": ["org:reports:read"]}


@require_auth()
async def mine(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(get_auth(request).user_id))


@require_auth(role="admin")
def administer(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(auth().org_role))


@require_auth(reverification="strict")
async def delete_account(request: Request) -> PlainTextResponse:
    return PlainTextResponse("deleted")


class Reports(HTTPEndpoint):
    def get(self, request: Request) -> PlainTextResponse:
        return PlainTextResponse("list")

    @require_auth(permission="org:reports:read")
    async def post(self, request: Request) -> PlainTextResponse:
        return PlainTextResponse("made")


@require_auth(role="admin")
async def talk(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(str(auth().user_id))
    await websocket.close()


async def go(request: Request) -> Response:
    return auth().redirect_to_sign_in("/mine")


def app(**settings: Any) -> Starlette:
    made = Starlette(
        routes=[
            Route("/mine", mine),
            Route("/admin", administer),
            Route("/account", delete_account, methods=["DELETE"]),
            Route("/reports", Reports),
            Route("/go", go),
            WebSocketRoute("/ws", talk),
        ]
    )
    add_auth(made, **{**SETTINGS, **settings})
    return made


def client(made: Any = None, **claims: Any) -> TestClient:
    cookies = signed_in_cookies(**claims) if claims else {}
    return TestClient(made or app(), base_url=ORIGIN, cookies=cookies, follow_redirects=False)


def test_signed_out_requests_do_not_reach_an_endpoint() -> None:
    fetched = client().get("/mine", headers={"accept": "application/json"})
    page = client().get("/mine", headers=DOCUMENT)

    assert fetched.status_code == 401
    assert fetched.headers["www-authenticate"] == 'Bearer realm="greffier"'
    assert fetched.json()["errors"][0]["code"] == "authentication_required"
    assert page.status_code == 307
    assert page.headers["location"].startswith("https://accounts.example.com/sign-in?redirect_url=")
    assert client(sub="user_1").get("/mine").text == "user_1"


def test_plain_endpoints_ask_for_roles() -> None:
    refused = client(sub="user_1").get("/admin")

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "authorization_invalid")
    assert client(sub="user_1", **ADMIN).get("/admin").text == "org:admin"


def test_verification_that_is_too_old_is_told_in_the_published_form() -> None:
    refused = client(fva=[10, 10]).delete("/account")

    assert refused.status_code == 403
    assert refused.json()["clerk_error"]["reason"] == "reverification-error"
    assert client(fva=[0, 0]).delete("/account").text == "deleted"


def test_methods_of_endpoint_classes_are_guarded_one_by_one() -> None:
    assert client().get("/reports").text == "list"
    assert client().post("/reports").status_code == 401
    assert client(sub="user_1").post("/reports").status_code == 403
    assert client(sub="user_1", **ADMIN).post("/reports").text == "made"


def test_websockets_are_closed_before_they_open() -> None:
    page = {"origin": "http://testserver"}
    for visitor in (client(), client(sub="user_1")):
        with pytest.raises(WebSocketDisconnect) as caught, visitor.websocket_connect("/ws", headers=page):
            raise AssertionError("the connection must not open")
        assert caught.value.code == 1008
    with client(sub="user_1", **ADMIN).websocket_connect("/ws", headers=page) as websocket:
        assert websocket.receive_text() == "user_1"


def test_endpoint_without_a_request_is_a_mistake_that_says_so() -> None:
    @require_auth()
    def nothing() -> None: ...

    with pytest.raises(TypeError, match="nothing must take one"):
        nothing()


def test_preset_that_does_not_exist_is_told_when_the_app_is_made() -> None:
    with pytest.raises(ValueError, match="no reverification preset"):
        require_auth(reverification="never")  # type: ignore[arg-type]


def test_redirects_to_sign_in_are_responses_of_starlette() -> None:
    answer = client(app(sign_in_url="/sign-in")).get("/go")

    assert answer.status_code == 307
    assert answer.headers["location"].startswith(f"{ORIGIN}/sign-in?redirect_url=")


# --- Starlette's own interface ------------------------------------------------------------------------------


async def whoami(request: Request) -> JSONResponse:
    user = request.user
    return JSONResponse([user.is_authenticated, user.display_name, request.auth.scopes])


@requires(["authenticated", "org:admin", "org:reports:read"])
async def by_scopes(request: Request) -> JSONResponse:
    return JSONResponse(request.user.identity)


def with_users(**settings: Any) -> Starlette:
    return Starlette(
        routes=[Route("/", whoami), Route("/scopes", by_scopes)],
        middleware=[
            Middleware(AuthMiddleware, respond=response_of, **{**SETTINGS, **settings}),
            Middleware(AuthenticationMiddleware, backend=AuthenticationBackend()),
        ],
    )


@pytest.mark.parametrize("lazy", [False, True])
def test_starlettes_own_user_and_scopes_are_those_of_the_session(lazy: bool) -> None:
    made = with_users(lazy=lazy)

    assert client(made).get("/").json() == [False, "", []]
    assert client(made, sub="user_1").get("/").json() == [True, "user_1", ["authenticated"]]
    known = client(made, sub="user_1", name="Ada", **ADMIN).get("/").json()
    assert known == [True, "Ada", ["authenticated", "org:admin", "org:reports:read"]]
    assert client(made, sub="user_1").get("/scopes").status_code == 403
    assert client(made, sub="user_1", **ADMIN).get("/scopes").json() == "user_1"


def test_session_with_a_pending_task_is_unauthenticated_to_starlette() -> None:
    assert client(with_users(), sts="pending", v=2).get("/").json()[0] is False


def test_scopes_of_machines_cannot_be_taken_for_roles() -> None:
    known = {"id": "ak_1", "subject": "user_2", "scopes": ["org:admin", "authenticated"], "name": "ci"}
    backend = RecordedBackend({"POST /api_keys/verify": {"status": 200, "body": known}})
    made = with_users(accepts_token="any", secret_key=PRODUCTION.secret_key, transport=backend)

    answer = client(made).get("/", headers={"authorization": "Bearer ak_secret"})

    assert answer.json() == [True, "user_2", ["authenticated", "scope:org:admin", "scope:authenticated"]]


def test_backend_without_the_middleware_says_what_is_missing() -> None:
    made = Starlette(
        routes=[Route("/", whoami)],
        middleware=[Middleware(AuthenticationMiddleware, backend=AuthenticationBackend())],
    )

    with pytest.raises(ConfigurationError, match="add the middleware"):
        client(made).get("/")


def test_expired_token_is_unauthenticated() -> None:
    expired = {"__session": PRODUCTION.token(now=time.time() - 3600)}
    made = TestClient(with_users(), base_url=ORIGIN, cookies=expired)

    assert made.get("/").json()[0] is False
