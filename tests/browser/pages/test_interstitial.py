"""The interstitial by which SDKs of 2022-23 bring a browser up to date, unmodified and in a browser."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from greffier.testing import serving
from tests.support.services.node import FOLDER
from tests.support.services.processes import Serving, SignedIn, running_process

pytestmark = [pytest.mark.browser, pytest.mark.sdk]


@pytest.fixture(scope="module")
def application(dev_server: Serving) -> Iterator[str]:
    """An application with `@clerk/nextjs` 4.5, on the host of the server, whose cookies it shares."""
    environ = {
        "CLERK_API_KEY": dev_server.secret_key,
        "CLERK_API_URL": dev_server.url,
        "NODE_ENV": "production",
        "PUBLISHABLE_KEY": dev_server.publishable_key,
        "SCRIPT_URL": f"{dev_server.url}/npm/@clerk/clerk-js@4/dist/clerk.browser.js",
    }
    command = ["node", str(FOLDER / "older_wrappers.cjs")]
    with running_process(command, environ=environ, cwd=FOLDER) as process:
        assert process.stdout is not None
        yield f"http://localhost:{int(process.stdout.readline())}"


@pytest.fixture(scope="module")
def signed_in(dev_server: Serving) -> SignedIn:
    return dev_server.sign_up("between+clerk_test@example.com")


def browser_of(chromium: Browser, signed_in: SignedIn, application: str, **cookies: str) -> BrowserContext:
    """A browser that is signed in at the server, with these cookies of the application."""
    context = chromium.new_context()
    known = {"name": "__client", "value": signed_in.client_cookie, "url": signed_in.server.url}
    own = [{"name": name, "value": value, "url": application} for name, value in cookies.items()]
    context.add_cookies([known, *own])  # pyright: ignore[reportArgumentType]
    return context


def shown(context: BrowserContext, url: str) -> dict[str, Any]:
    """Returns the text of the application's page once loaded; its URL must be the one that was asked for."""
    page = context.new_page()
    page.goto(url)
    page.wait_for_function("document.body.innerText.startsWith('{')", timeout=30_000)
    assert page.url == url
    return json.loads(page.inner_text("body"))


def expired(signed_in: SignedIn) -> str:
    """A session token of an hour ago."""
    response = httpx.get(f"{signed_in.server.url}/.well-known/jwks.json")
    (key,) = response.raise_for_status().json()["keys"]
    now = int(time.time())
    claims = {
        "azp": "http://localhost",
        "exp": now - 3540,
        "iat": now - 3600,
        "iss": f"https://{_host(signed_in.server)}",
        "nbf": now - 3610,
        "sid": signed_in.session_id,
        "sub": signed_in.user_id,
    }
    signing = signed_in.server.signing_key()
    assert signing.kid == key["kid"]
    return signing.sign_jwt(claims)


def _host(server: Serving) -> str:
    from greffier.sdk.keys import decode_publishable_key

    return decode_publishable_key(server.publishable_key).frontend_api


def test_page_that_was_asked_for_is_shown_after_the_interstitial(
    chromium: Browser, signed_in: SignedIn, application: str
) -> None:
    context = browser_of(chromium, signed_in, application)

    assert shown(context, f"{application}/page")["userId"] == signed_in.user_id


def test_page_that_was_asked_for_is_not_lost_when_the_session_token_has_expired(
    chromium: Browser, signed_in: SignedIn, application: str
) -> None:
    session = expired(signed_in)
    context = browser_of(chromium, signed_in, application, __session=session, __client_uat="1")

    assert shown(context, f"{application}/page")["userId"] == signed_in.user_id


def test_page_and_interstitial_run_the_same_version_of_the_script(
    chromium: Browser, signed_in: SignedIn, application: str
) -> None:
    context = browser_of(chromium, signed_in, application, __session=expired(signed_in), __client_uat="1")
    page = context.new_page()
    # What ran on the interstitial is told by its end.
    page.add_init_script(
        "addEventListener('pagehide', () => sessionStorage.setItem('version', window.Clerk?.version))"
    )

    page.goto(f"{application}/document")

    expect(page.locator("#server")).to_have_text(signed_in.user_id)
    expect(page.locator("#browser")).to_have_text(signed_in.user_id)
    assert page.url == f"{application}/document"
    version = page.evaluate("Clerk.version")
    assert version.startswith("4.")
    assert page.evaluate("sessionStorage.getItem('version')") == version


def test_browser_without_cookies_is_told_so(without_cookies: BrowserContext, application: str) -> None:
    page = without_cookies.new_page()

    page.goto(f"{application}/document")

    expect(page.get_by_role("status")).to_contain_text("refuses cookies")


def test_interstitial_that_is_shown_again_and_again_ends_in_a_text(
    chromium: Browser, dev_server: Serving
) -> None:
    interstitial = dev_server.backend().get("/v1/internal/interstitial").text
    asked: list[str] = []

    async def never_satisfied(request: Request) -> HTMLResponse:
        asked.append(request.url.path)
        return HTMLResponse(interstitial)

    page = chromium.new_page()
    with serving(Starlette(routes=[Route("/page", never_satisfied)])) as url:
        page.goto(f"{url}/page")

        expect(page.get_by_role("status")).to_contain_text("cannot see whether you are signed in")
    assert len(asked) == 4
