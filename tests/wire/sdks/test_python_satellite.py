"""An application of this SDK on a satellite domain, in front of a server: every redirect, with cookies."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from greffier.asgi import AuthMiddleware
from greffier.sdk.http.transport import HttpRequest, HttpResponse
from tests.sdk.apps import app
from tests.server.clients.satellites.browsers import PRIMARY, declare
from tests.support.server import LIVE_PUBLISHABLE_KEY, LIVE_SECRET_KEY, PASSWORD, TestServer

SATELLITE = "https://app.example.dev"
PAGE = {"sec-fetch-dest": "document", "accept": "text/html"}


class Web(httpx.AsyncBaseTransport):
    """The application at its host, the server at every other one."""

    def __init__(self, application: AuthMiddleware, server: TestServer) -> None:
        self._application = httpx.ASGITransport(application)
        self._server = httpx.ASGITransport(server.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        on_satellite = f"https://{request.url.host}" == SATELLITE
        return await (self._application if on_satellite else self._server).handle_async_request(request)


class InProcess:
    """The SDK's own requests to the server."""

    def __init__(self, server: TestServer) -> None:
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(server.app))

    def send(self, request: HttpRequest) -> HttpResponse:
        raise NotImplementedError("the middleware is asynchronous")

    async def send_async(self, request: HttpRequest) -> HttpResponse:
        answer = await self._http.request(
            request.method, request.url, headers=dict(request.headers), content=request.body
        )
        return HttpResponse(answer.status_code, answer.content)


@pytest.fixture
async def browser(production: TestServer) -> AsyncIterator[httpx.AsyncClient]:
    await declare(production)
    await production.backend(secret_key=LIVE_SECRET_KEY).create_user("ada@example.com")
    application = AuthMiddleware(
        app(),
        publishable_key=LIVE_PUBLISHABLE_KEY,
        secret_key=LIVE_SECRET_KEY,
        api_url=PRIMARY,
        is_satellite=True,
        domain="example.dev",
        sign_in_url="https://example.com/sign-in",
        authorized_parties=[SATELLITE],
        public_routes=["/public"],
        transport=InProcess(production),
    )
    async with httpx.AsyncClient(
        transport=Web(application, production), headers=PAGE, follow_redirects=True
    ) as http:
        yield http


async def sign_in(browser: httpx.AsyncClient) -> str:
    done = await browser.post(
        f"{PRIMARY}/v1/client/sign_ins",
        data={"strategy": "password", "identifier": "ada@example.com", "password": PASSWORD},
        headers={"origin": "https://example.com"},
    )
    return done.json()["client"]["sessions"][0]["user"]["id"]


async def test_page_recognises_a_returning_user(browser: httpx.AsyncClient) -> None:
    user_id = await sign_in(browser)

    page = await browser.get(f"{SATELLITE}/orders?__clerk_synced=false")
    next_page = await browser.get(f"{SATELLITE}/cart")

    assert (page.status_code, page.text) == (200, f"/orders {user_id}")
    assert next_page.text == f"/cart {user_id}"
    assert next_page.history == []


async def test_signed_out_visitor_sees_public_pages_and_is_sent_to_the_primary_domain(
    browser: httpx.AsyncClient,
) -> None:
    public = await browser.get(f"{SATELLITE}/public?__clerk_synced=false")
    private = await browser.get(f"{SATELLITE}/orders", follow_redirects=False)

    assert public.text == "/public None"
    assert private.headers["location"].startswith("https://example.com/sign-in?redirect_url=")
    assert "__clerk_synced%3Dfalse" in private.headers["location"]


async def test_sign_out_on_the_primary_domain_ends_the_satellites_next_visit(
    browser: httpx.AsyncClient,
) -> None:
    user_id = await sign_in(browser)
    before = await browser.get(f"{SATELLITE}/public?__clerk_synced=false")
    await browser.post(
        f"{PRIMARY}/v1/client/sessions?_method=DELETE", headers={"origin": "https://example.com"}
    )
    for cookie in list(browser.cookies.jar):  # the token's minute is over
        if cookie.name.startswith(("__session", "__refresh")):
            browser.cookies.jar.clear(cookie.domain, cookie.path, cookie.name)

    after = await browser.get(f"{SATELLITE}/public")

    assert (before.text, after.text) == (f"/public {user_id}", "/public None")
    assert [answer.status_code for answer in after.history].count(307) >= 4  # by both domains
