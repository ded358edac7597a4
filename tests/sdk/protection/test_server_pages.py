"""Pages that are made on the server: what they know of the visitor, and what others get instead."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from greffier import auth, get_auth
from greffier.sdk.errors import BackendApiRefused
from greffier.sdk.http.transport import HttpRequest, HttpResponse
from tests.sdk.apps import DOCUMENT, ORIGIN, PRODUCTION, browser, protected, signed_in_cookies
from tests.sdk.recorded_backend import RecordedBackend

TEMPLATE_CALL = "POST /v1/sessions/sess_1/tokens/hasura"


class NoNetwork:
    """A transport for a machine without any network."""

    def send(self, request: HttpRequest) -> HttpResponse:
        raise AssertionError(f"unexpected request: {request}")

    async def send_async(self, request: HttpRequest) -> HttpResponse:
        return self.send(request)


def serving(page: Any, **settings: Any) -> Any:
    return protected(inner=Starlette(routes=[Route("/{path:path}", page)]), **settings)


async def show(request: Request) -> JSONResponse:
    who = get_auth(request)
    return JSONResponse([who.session_id, who.user_id, await who.get_token()])


async def test_a_page_on_the_server_knows_session_user_and_token() -> None:
    cookies = signed_in_cookies(sid="sess_7", sub="user_7")

    async with browser(serving(show), **cookies) as client:
        assert (await client.get("/")).json() == ["sess_7", "user_7", cookies["__session"]]
    async with browser(serving(show)) as client:
        assert (await client.get("/")).json() == [None, None, None]


async def test_nothing_of_a_page_is_rendered_when_signed_out() -> None:
    async def never(request: Request) -> JSONResponse:
        raise AssertionError("the page must not be made")

    async with browser(serving(never, sign_in_url="/sign-in")) as client:
        answer = await client.get("/orders/7?tab=a%26b", headers=DOCUMENT)

    assert (answer.status_code, answer.content) == (307, b"")
    location = urlsplit(answer.headers["location"])
    assert location.path == "/sign-in"
    assert parse_qs(location.query) == {"redirect_url": [f"{ORIGIN}/orders/7?tab=a%26b"]}


async def from_template(request: Request) -> JSONResponse:
    return JSONResponse(await auth().get_token(template="hasura"))


async def test_a_token_of_a_template_is_ready_on_the_server() -> None:
    backend = RecordedBackend({TEMPLATE_CALL: {"status": 200, "body": {"jwt": "h.a.s"}}})
    settings: dict[str, Any] = {"secret_key": PRODUCTION.secret_key, "transport": backend}

    async with browser(serving(from_template, **settings), **signed_in_cookies()) as client:
        assert (await client.get("/")).json() == "h.a.s"
    assert backend.calls() == [TEMPLATE_CALL]
    async with browser(serving(from_template, **settings)) as client:
        assert (await client.get("/")).json() is None
    assert backend.calls() == [TEMPLATE_CALL]


async def test_a_template_that_does_not_exist_is_an_error_and_not_an_empty_token() -> None:
    settings: dict[str, Any] = {"secret_key": PRODUCTION.secret_key, "transport": RecordedBackend({})}

    async with browser(serving(from_template, **settings), **signed_in_cookies()) as client:
        with pytest.raises(BackendApiRefused):
            await client.get("/")


async def test_the_user_id_needs_no_network() -> None:
    async with browser(serving(show, transport=NoNetwork()), **signed_in_cookies(sub="user_9")) as client:
        assert (await client.get("/")).json()[1] == "user_9"


@pytest.mark.parametrize("claims", [{}, {"pla": "u:free_user"}, {"pla": "o:enterprise,u:pro"}, {"pla": ""}])
async def test_tokens_are_verified_without_a_server_whatever_the_plan(claims: dict[str, str]) -> None:
    cookies = signed_in_cookies(v=2, **claims)

    async with browser(serving(show, transport=NoNetwork()), **cookies) as client:
        answer = await client.get("/")

    assert (answer.status_code, answer.json()[1]) == (200, "user_1")
