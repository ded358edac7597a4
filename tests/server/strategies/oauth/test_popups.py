"""Popups that were sent to a provider: they return to the page that tells the one that opened them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.server.strategies.oauth.conftest import social
from tests.server.strategies.oauth.flows import STRATEGY, begin_sign_up, land, resource, url_in
from tests.support.configuring import configure
from tests.support.server import APP_ORIGIN, Browser, TestServer
from tests.support.services.openid_provider import OpenIdProvider

RETURN = "https://example.com/sign-in#/sso-callback"
POPUP = "https://accounts.example.com/popup-callback"
BACK = f"{POPUP}?{urlencode({'return_url': RETURN})}"

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


@pytest.fixture
async def browser(production: TestServer, running_provider: OpenIdProvider) -> Browser:
    running_provider.reset()
    await configure(production, {"social": [social(running_provider, private_addresses=True)]})
    return production.browser(base_url="https://clerk.example.com", origin="https://example.com")


async def come_back(browser: Browser, provider: OpenIdProvider, path: str, completed: str) -> tuple[str, str]:
    """The page, and the whole query behind it."""
    fields = {"strategy": STRATEGY, "redirect_url": BACK, "action_complete_redirect_url": completed}
    begun = resource(await browser.post(path, **fields))
    page, query = await land(browser, provider.authorize(url_in(begun)))
    return page, urlencode(query)


async def test_popup_that_has_signed_in_returns_with_the_session_and_the_page_to_tell(
    browser: Browser, running_provider: OpenIdProvider
) -> None:
    page, query = await come_back(browser, running_provider, "/v1/client/sign_ups", POPUP)

    (session,) = (await browser.get("/v1/client")).json()["response"]["sessions"]
    assert page == POPUP
    assert parse_qs(query)["return_url"] == [RETURN]
    assert parse_qs(query)["__clerk_created_session"] == [session["id"]]


async def test_popup_of_a_new_person_returns_without_a_session(
    browser: Browser, running_provider: OpenIdProvider
) -> None:
    page, query = await come_back(browser, running_provider, "/v1/client/sign_ins", POPUP)

    assert page == POPUP
    assert parse_qs(query)["return_url"] == [RETURN]
    assert "__clerk_created_session" not in parse_qs(query)


async def test_popup_in_development_returns_to_the_server_which_has_no_other_host(
    server: TestServer, running_provider: OpenIdProvider
) -> None:
    running_provider.reset()
    await configure(server, {"social": [social(running_provider)]})
    instance = server.app.instances.any()
    assert instance is not None
    popup = f"https://{instance.frontend_api_host.replace('clerk.', 'accounts.', 1)}/popup-callback"
    back = f"{APP_ORIGIN}/sign-in#/sso-callback"
    fields = {"redirect_url": f"{popup}?{urlencode({'return_url': back})}"}
    browser = server.browser()

    begun = await begin_sign_up(browser, action_complete_redirect_url=popup, **fields)
    page, query = await land(browser, running_provider.authorize(url_in(begun)))

    (session,) = (await browser.get("/v1/client")).json()["response"]["sessions"]
    assert page == "http://localhost:8787/popup-callback"
    assert query["return_url"] == back
    assert query["__clerk_created_session"] == session["id"]


async def test_page_of_the_same_name_in_the_application_is_no_popup(
    browser: Browser, running_provider: OpenIdProvider
) -> None:
    own = "https://example.com/popup-callback"

    page, query = await come_back(browser, running_provider, "/v1/client/sign_ups", own)

    assert (page, query) == (own, "")
    assert urlsplit(page).hostname == "example.com"
