"""A browser that knows only the application's origin signs up, is recognised and signs out by the proxy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from werkzeug.wrappers import Response as WerkzeugResponse

from greffier import asgi, auth, wsgi
from greffier.proxy import FrontendApiProxy
from tests.support.server import PASSWORD, TEST_CODE
from tests.support.services.processes import Serving

ORIGIN = "http://localhost:8000"
PAGE = {"sec-fetch-dest": "document", "accept": "text/html"}


async def say(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(auth().user_id))


def say_by_wsgi(environ: Any, start_response: Any) -> Any:
    return WerkzeugResponse(str(auth().user_id))(environ, start_response)


@pytest.fixture(params=["asgi", "wsgi"])
def browser(request: pytest.FixtureRequest, dev_server: Serving) -> Iterator[httpx.Client]:
    """A browser in front of an application with the proxy, whose server is not public."""
    keys = {"publishable_key": dev_server.publishable_key, "secret_key": dev_server.secret_key}
    settings: dict[str, Any] = {**keys, "api_url": dev_server.url, "proxy_url": "/__clerk"}
    if request.param == "asgi":
        inner = Starlette(routes=[Route("/{path:path}", say)])
        app = asgi.AuthMiddleware(FrontendApiProxy(inner, target=dev_server.url, **keys), **settings)
        with TestClient(app, base_url=ORIGIN, client=("198.51.100.7", 1), follow_redirects=False) as client:
            yield client
        return
    proxy = FrontendApiProxy(say_by_wsgi, target=dev_server.url, **keys)
    transport = httpx.WSGITransport(wsgi.AuthMiddleware(proxy.wsgi, **settings), remote_addr="198.51.100.7")
    with httpx.Client(transport=transport, base_url=ORIGIN) as client:
        yield client


def sign_up(browser: httpx.Client, address: str) -> dict[str, Any]:
    path, origin = "/__clerk/v1/client/sign_ups", {"origin": ORIGIN}
    body = {"email_address": address, "password": PASSWORD}
    started = browser.post(path, data=body, headers=origin)
    path = f"{path}/{started.json()['response']['id']}"
    browser.post(f"{path}/prepare_verification", data={"strategy": "email_code"}, headers=origin)
    code = {"strategy": "email_code", "code": TEST_CODE}
    done = browser.post(f"{path}/attempt_verification", data=code, headers=origin)
    assert done.status_code == 200, done.text
    return done.json()["response"]


def test_visitor_signs_up_is_recognised_and_signs_out(
    browser: httpx.Client, request: pytest.FixtureRequest
) -> None:
    address = f"proxied-{request.node.callspec.id}+clerk_test@example.com"
    user_id = sign_up(browser, address)["created_user_id"]

    page = browser.get("/reports", headers=PAGE, follow_redirects=True)
    assert (page.text, str(page.url).partition("?")[0]) == (user_id, f"{ORIGIN}/reports")
    urls = [str(one.url) for one in page.history]
    assert any(url.startswith(f"{ORIGIN}/__clerk/v1/client/handshake?") for url in urls), urls

    browser.delete("/__clerk/v1/client/sessions", headers={"origin": ORIGIN}).raise_for_status()
    for name in [name for name in browser.cookies if name.startswith("__session")]:
        browser.cookies.delete(name)  # as the browser SDK does
    page = browser.get("/reports", headers=PAGE, follow_redirects=True)
    assert str(page.url).partition("?")[0] == f"{ORIGIN}/__clerk/sign-in"
    assert page.status_code == 200


def test_server_finds_the_proxy_healthy(browser: httpx.Client) -> None:
    answer = browser.get("/__clerk/v1/proxy-health?domain_id=dmn_1", headers={"x-forwarded-for": "6.6.6.6"})

    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "healthy", "x_forwarded_for": "198.51.100.7"},
    )


def test_server_names_urls_below_the_proxy(browser: httpx.Client) -> None:
    environment = browser.get("/__clerk/v1/environment").json()
    script = browser.get("/__clerk/npm/@clerk/clerk-js@6/dist/clerk.browser.js", follow_redirects=True)

    assert environment["display_config"]["sign_in_url"] == f"{ORIGIN}/__clerk/sign-in"
    assert script.status_code == 200
    assert len(script.content) > 100_000


def test_keys_and_urls_from_a_browser_are_ignored(browser: httpx.Client) -> None:
    stolen = {"clerk-proxy-url": "https://evil.example", "clerk-secret-key": "sk_test_wrong"}

    environment = browser.get("/__clerk/v1/environment", headers=stolen).json()

    assert environment["display_config"]["sign_in_url"] == f"{ORIGIN}/__clerk/sign-in"
