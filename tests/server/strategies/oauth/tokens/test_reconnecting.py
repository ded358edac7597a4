"""An account whose tokens cannot be refreshed any more says so in the profile until it is connected again."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.server.strategies.oauth.flows import (
    AWAY,
    BACK,
    begin_sign_in,
    client_of,
    come_back,
    land,
    resource,
)
from tests.support.answers import error_of
from tests.support.server import Browser, TestServer
from tests.support.services.openid_provider import OpenIdProvider
from tests.support.waiting import wait_until

MINUTE = 60
MISSING = "external_account_missing_refresh_token"

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


@pytest.fixture
def provider(provider: OpenIdProvider) -> OpenIdProvider:
    """Its tokens end before the session asks for a reverification."""
    provider.lifetime = MINUTE
    return provider


async def read_token(server: TestServer, user: dict[str, Any]) -> httpx.Response:
    return await server.backend().get(f"/v1/users/{user['id']}/oauth_access_tokens/oauth_custom_acme")


async def account_in(browser: Browser) -> dict[str, Any]:
    (session,) = (await client_of(browser))["sessions"]
    (account,) = session["user"]["external_accounts"]
    return account


async def reconnect(browser: Browser, provider: OpenIdProvider, **changed: Any) -> None:
    begun = resource(await browser.post("/v1/me/external_accounts", **{**AWAY, **changed}))
    await land(browser, provider.authorize(begun["verification"]["external_verification_redirect_url"]))


@pytest.fixture
async def ended(server: TestServer, provider: OpenIdProvider, user: dict[str, Any]) -> dict[str, Any]:
    """A user whose grant the provider has ended, as the application has noticed."""
    server.clock.advance(seconds=MINUTE)
    provider.refuse = "invalid_grant"
    assert error_of(await read_token(server, user))[:2] == (400, "oauth_token_retrieval_error")
    provider.refuse = None
    return user


async def test_ended_grant_is_shown_in_the_profile_and_to_the_backend(
    server: TestServer, browser: Browser, ended: dict[str, Any]
) -> None:
    shown = (await account_in(browser))["verification"]
    backend = (await server.backend().get(f"/v1/users/{ended['id']}")).json()

    assert (shown["status"], shown["error"]["code"]) == ("verified", MISSING)
    assert backend["external_accounts"][0]["verification"]["error"]["code"] == MISSING


async def test_access_that_ends_without_a_refresh_token_is_shown_in_the_profile(
    server: TestServer, browser: Browser, provider: OpenIdProvider
) -> None:
    provider.gives_refresh_tokens = False
    await browser.sign_up("grace+clerk_test@example.com")
    await reconnect(browser, provider)
    user = (await client_of(browser))["sessions"][0]["user"]
    assert (await read_token(server, user)).status_code == 200
    assert "error" not in (await account_in(browser))["verification"]
    server.clock.advance(seconds=MINUTE)

    assert error_of(await read_token(server, user))[:2] == (422, "oauth_missing_refresh_token")

    assert (await account_in(browser))["verification"]["error"]["code"] == MISSING


async def test_provider_that_fails_for_now_disconnects_no_account(
    server: TestServer, browser: Browser, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    server.clock.advance(seconds=MINUTE)
    provider.refuse = "temporarily_unavailable"

    assert error_of(await read_token(server, user))[:2] == (400, "oauth_token_retrieval_error")

    assert "error" not in (await account_in(browser))["verification"]


async def test_connecting_the_account_again_mends_it(
    server: TestServer, browser: Browser, provider: OpenIdProvider, ended: dict[str, Any]
) -> None:
    await reconnect(browser, provider)

    shown = (await account_in(browser))["verification"]
    assert (shown["status"], shown.get("error")) == ("verified", None)
    assert (await read_token(server, ended)).status_code == 200


async def test_more_scopes_mend_it(
    server: TestServer, browser: Browser, provider: OpenIdProvider, ended: dict[str, Any]
) -> None:
    account = await account_in(browser)
    path = f"/v1/me/external_accounts/{account['id']}/reauthorize"
    asked = resource(await browser.patch(path, redirect_url=BACK, additional_scope="calendar"))

    await land(browser, provider.authorize(asked["verification"]["external_verification_redirect_url"]))

    assert (await account_in(browser))["verification"].get("error") is None


async def test_signing_in_mends_it(
    server: TestServer, provider: OpenIdProvider, ended: dict[str, Any]
) -> None:
    other = server.browser()

    await come_back(other, provider, await begin_sign_in(other))

    assert (await account_in(other))["verification"].get("error") is None


async def test_reconnecting_as_another_person_mends_nothing(
    browser: Browser, provider: OpenIdProvider, ended: dict[str, Any]
) -> None:
    provider.user = provider.user | {"sub": "5678"}

    await reconnect(browser, provider)

    assert (await account_in(browser))["verification"]["error"]["code"] == "oauth_account_already_connected"


async def test_account_stays_in_the_profile_while_it_is_asked_for_more(
    browser: Browser, provider: OpenIdProvider, ended: dict[str, Any]
) -> None:
    begun = resource(await browser.post("/v1/me/external_accounts", **AWAY))

    shown = (await account_in(browser))["verification"]
    assert begun["verification"]["status"] == "unverified"
    assert (shown["status"], shown["error"]["code"]) == ("verified", MISSING)


async def test_user_who_takes_the_tokens_away_is_not_asked_to_connect_again(
    browser: Browser, ended: dict[str, Any]
) -> None:
    account = await account_in(browser)

    await browser.delete(f"/v1/me/external_accounts/{account['id']}/tokens")

    assert "error" not in (await account_in(browser))["verification"]


async def test_account_that_has_got_new_tokens_meanwhile_is_not_disconnected(
    server: TestServer, browser: Browser, provider: OpenIdProvider, user: dict[str, Any]
) -> None:
    server.clock.advance(seconds=MINUTE)
    provider.refuse, provider.slow = "invalid_grant", 0.5
    reading = asyncio.create_task(read_token(server, user))
    await asyncio.to_thread(
        wait_until, lambda: provider.exchanges[-1]["grant_type"] == "refresh_token", "it is refreshed"
    )
    provider.refuse, provider.slow = None, 0.0
    other = server.browser()
    await come_back(other, provider, await begin_sign_in(other))
    await reading

    assert "error" not in (await account_in(other))["verification"]
