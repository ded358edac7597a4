"""Hooks of the app around authentication, lazy mode, and the user in one request."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import Route

from greffier import AuthObject, AuthRequest, auth, current_user, get_auth
from greffier.sdk.errors import BackendApiRefused, ConfigurationError
from greffier.sdk.protection.hooks import call_hook
from greffier.sdk.steps import run
from tests.sdk.apps import DOCUMENT, ORIGIN, PRODUCTION, browser, protected, signed_in_cookies
from tests.sdk.recorded_backend import RecordedBackend


async def test_hooks_run_before_and_after_authentication() -> None:
    seen: list[Any] = []

    def before(request: AuthRequest) -> None:
        seen.append(("before", request.path))
        with pytest.raises(ConfigurationError):
            auth()

    async def after(who: AuthObject, request: AuthRequest) -> None:
        seen.append(("after", who.user_id))

    async with browser(protected(before_auth=before, after_auth=after), **signed_in_cookies()) as client:
        assert (await client.get("/reports")).text == "/reports user_1"

    assert seen == [("before", "/reports"), ("after", "user_1")]


async def test_hook_that_says_nothing_leaves_routes_protected() -> None:
    async with browser(protected(before_auth=lambda r: None, after_auth=lambda a, r: None)) as client:
        assert (await client.get("/reports")).status_code == 401


async def test_before_auth_can_leave_authentication_out() -> None:
    async with browser(protected(before_auth=lambda request: False)) as client:
        answer = await client.get("/reports", headers={"authorization": "Bearer nonsense"})

    assert answer.text == "/reports None"
    assert answer.headers["x-clerk-auth-reason"] == "skip"


async def test_before_auth_can_answer_itself() -> None:
    elsewhere = RedirectResponse("/de/reports")
    async with browser(protected(before_auth=lambda request: elsewhere), **signed_in_cookies()) as client:
        answer = await client.get("/reports")

    assert (answer.status_code, answer.headers["location"]) == (307, "/de/reports")
    assert "x-clerk-auth-status" not in answer.headers


async def test_after_auth_can_answer_itself_with_the_headers_of_authentication() -> None:
    async with browser(protected(after_auth=lambda who, request: PlainTextResponse("no", 418))) as client:
        answer = await client.get("/reports")

    assert (answer.status_code, answer.text) == (418, "no")
    assert answer.headers["x-clerk-auth-status"] == "signed-out"


async def test_after_auth_can_open_and_close_routes() -> None:
    async with browser(protected(after_auth=lambda who, request: request.path == "/open")) as client:
        assert (await client.get("/open")).text == "/open None"
        assert (await client.get("/")).status_code == 401


def test_asynchronous_hook_in_a_synchronous_app_is_a_mistake_of_the_settings() -> None:
    async def hook(request: AuthRequest) -> None: ...

    with pytest.raises(ConfigurationError, match="hook is asynchronous"):
        run(call_hook(hook, None))


async def test_lazy_middleware_verifies_nothing_before_first_use() -> None:
    backend = RecordedBackend({"GET /v1/jwks": {"status": 200, "body": {"keys": [PRODUCTION.jwk]}}})
    settings: dict[str, Any] = {"jwt_key": None, "secret_key": PRODUCTION.secret_key, "transport": backend}

    async def quiet(request: Request) -> PlainTextResponse:
        return PlainTextResponse("quiet")

    async def asking(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(get_auth(request).user_id))

    inner = Starlette(routes=[Route("/quiet", quiet), Route("/asking", asking)])
    middleware = protected(inner=inner, lazy=True, **settings)
    async with browser(middleware, **signed_in_cookies()) as client:
        assert (await client.get("/quiet")).text == "quiet"
        assert backend.requests == []
        assert (await client.get("/asking")).text == "user_1"
        assert len(backend.requests) == 1


async def ask_user(request: Request) -> PlainTextResponse:
    first, second = await current_user(), await current_user()
    assert first is second
    return PlainTextResponse(str(first and first["email_addresses"][0]["email_address"]))


USER = {"id": "user_1", "email_addresses": [{"email_address": "ada@example.com"}]}
ASKED = "GET /v1/users/user_1"


def backend_of(body: Any, status: int = 200) -> RecordedBackend:
    return RecordedBackend({ASKED: {"status": status, "body": body}})


def with_user(backend: RecordedBackend, **settings: Any) -> Any:
    inner = Starlette(routes=[Route("/{path:path}", ask_user)])
    return protected(inner=inner, secret_key=PRODUCTION.secret_key, transport=backend, **settings)


@pytest.mark.parametrize("load_user", [False, True])
async def test_the_user_costs_one_request(load_user: bool) -> None:
    backend = backend_of(USER)
    async with browser(with_user(backend, load_user=load_user), **signed_in_cookies()) as client:
        assert (await client.get("/me")).text == "ada@example.com"

    assert backend.calls() == [ASKED]


async def test_user_of_a_signed_out_request_is_not_fetched() -> None:
    backend = backend_of(USER)
    async with browser(with_user(backend, load_user=True)) as client:
        assert (await client.get("/")).text == "None"

    assert backend.requests == []


async def test_user_who_was_deleted_meanwhile_is_none() -> None:
    async with browser(with_user(RecordedBackend({})), **signed_in_cookies()) as client:
        assert (await client.get("/me")).text == "None"


async def test_user_that_cannot_be_had_is_an_error() -> None:
    backend = backend_of({"errors": [{"code": "internal_clerk_error"}]}, status=500)
    async with browser(with_user(backend), **signed_in_cookies()) as client:
        with pytest.raises(BackendApiRefused):
            await client.get("/me")


async def test_app_can_send_its_visitor_to_sign_in_and_back() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await auth().redirect_to_sign_in("/orders?page=2")(scope, receive, send)

    async with browser(protected(inner=app, sign_in_url="/sign-in")) as client:
        answer = await client.get("/", headers=DOCUMENT)

    assert answer.status_code == 307
    assert answer.headers["location"] == (
        f"{ORIGIN}/sign-in?redirect_url=https%3A%2F%2Fapp.example.com%2Forders%3Fpage%3D2"
    )
