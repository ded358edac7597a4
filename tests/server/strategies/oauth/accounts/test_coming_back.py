"""Browsers that come back from another site denied, signed in already, with an address that is refused, or
from a second site."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.server.strategies.oauth.conftest import social
from tests.server.strategies.oauth.flows import (
    AWAY,
    BACK,
    DONE,
    STRATEGY,
    accounts_of,
    begin_sign_in,
    begin_sign_up,
    client_of,
    come_back,
    land,
    resource,
    returned,
    sign_up,
    url_in,
    user_in,
)
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import Browser, TestServer
from tests.support.services.openid_provider import OpenIdProvider


async def deny(browser: Browser, begun: dict[str, Any]) -> None:
    state = parse_qs(urlsplit(url_in(begun)).query)["state"][0]
    answer = urlencode({"state": state, "error": "access_denied"})
    page, _ = await land(browser, f"/v1/oauth_callback?{answer}")
    assert page == BACK


async def with_two_sites(server: TestServer, provider: OpenIdProvider) -> None:
    other = social(provider) | {"provider": "custom_other", "name": "Other"}
    await configure(server, {"social": [social(provider), other]})


# --- denied -------------------------------------------------------------------------------------------------


async def test_empty_sign_in_resets_one_that_was_denied(server: TestServer, provider: OpenIdProvider) -> None:
    browser = server.browser()
    denied = await begin_sign_in(browser)
    await deny(browser, denied)

    fresh = resource(await browser.post("/v1/client/sign_ins"))

    assert fresh["id"] != denied["id"]
    assert (fresh["status"], fresh["first_factor_verification"]) == ("needs_identifier", None)
    assert (await client_of(browser))["sign_in"]["id"] == fresh["id"]


async def test_sign_up_that_was_denied_says_so_and_starts_again(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browser = server.browser()
    begun = await begin_sign_up(browser)
    await deny(browser, begun)

    shown = resource(await browser.get(f"/v1/client/sign_ups/{begun['id']}"))["verifications"]
    assert shown["external_account"]["status"] == "failed"
    assert shown["external_account"]["error"]["code"] == "oauth_access_denied"
    assert await come_back(browser, provider, await begin_sign_up(browser)) == DONE


async def test_connection_that_was_denied_stays_and_says_why(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browser = server.browser()
    await browser.sign_up("grace+clerk_test@example.com")
    begun = resource(await browser.post("/v1/me/external_accounts", **AWAY))
    url = begun["verification"]["external_verification_redirect_url"]
    state = parse_qs(urlsplit(url).query)["state"][0]

    await land(browser, f"/v1/oauth_callback?{urlencode({'state': state, 'error': 'access_denied'})}")

    (account,) = (await user_in(browser))["external_accounts"]
    assert account["verification"]["status"] == "failed"
    assert account["verification"]["error"]["code"] == "oauth_access_denied"


# --- signed in already --------------------------------------------------------------------------------------


async def test_user_who_is_signed_in_here_is_named_by_the_session(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await configure(server, {"session": {"single_session": False}})
    browser = server.browser()
    await sign_up(browser, provider)
    (session,) = (await client_of(browser))["sessions"]

    shown = (await returned(browser, provider))["first_factor_verification"]

    assert (shown["status"], shown["error"]["code"]) == ("failed", "identifier_already_signed_in")
    assert shown["error"]["meta"]["session_id"] == session["id"]
    assert len((await client_of(browser))["sessions"]) == 1


async def test_browser_with_one_session_begins_no_second_sign_in(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await configure(server, {"session": {"single_session": True}})
    browser = server.browser()
    await sign_up(browser, provider)

    refused = await browser.post("/v1/client/sign_ins", **AWAY)

    assert error_of(refused)[:2] == (400, "session_exists")


# --- sub-addresses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", ["+", "=", "#"])
async def test_sub_address_neither_signs_up_nor_in_where_the_connection_blocks_them(
    server: TestServer, provider: OpenIdProvider, separator: str
) -> None:
    user = await sign_up(server.browser(), provider)
    await configure(server, {"social": [social(provider, block_email_subaddresses=True)]})
    provider.user |= {"email": f"ada{separator}2@example.com"}
    known, new = server.browser(), server.browser()

    refused = await returned(known, provider)
    provider.user |= {"sub": "5678"}
    begun = await begin_sign_up(new)
    await come_back(new, provider, begun)

    assert refused["first_factor_verification"]["error"]["code"] == "form_email_address_blocked"
    shown = resource(await new.get(f"/v1/client/sign_ups/{begun['id']}"))["verifications"]
    assert shown["external_account"]["error"]["code"] == "form_email_address_blocked"
    assert [one["id"] for one in (await server.backend().get("/v1/users")).json()] == [user["id"]]


async def test_sub_address_is_not_connected_where_the_connection_blocks_them(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await configure(server, {"social": [social(provider, block_email_subaddresses=True)]})
    provider.user |= {"email": "ada+2@example.com"}
    browser = server.browser()
    await browser.sign_up("grace+clerk_test@example.com")
    begun = resource(await browser.post("/v1/me/external_accounts", **AWAY))

    await land(browser, provider.authorize(begun["verification"]["external_verification_redirect_url"]))

    (account,) = (await user_in(browser))["external_accounts"]
    assert account["provider_user_id"] == ""
    assert account["verification"]["error"]["code"] == "form_email_address_blocked"


@pytest.mark.parametrize(("chosen", "blocks"), [({}, True), ({"block_email_subaddresses": False}, False)])
async def test_google_blocks_sub_addresses_unless_told_otherwise(
    server: TestServer, chosen: dict[str, bool], blocks: bool
) -> None:
    google = {"provider": "google", "enabled": True, "client_id": "1", "client_secret": "2"}
    await configure(server, {"social": [google | chosen]})

    shown = (await server.browser().get("/v1/environment")).json()["user_settings"]["social"]

    assert shown["oauth_google"]["block_email_subaddresses"] is blocks


async def test_disposable_address_does_not_sign_up_with_a_provider(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await configure(server, {"restrictions": {"block_disposable_email_domains": True}})
    provider.user |= {"email": "ada@mailinator.com"}
    browser = server.browser()
    begun = await begin_sign_up(browser)

    await come_back(browser, provider, begun)

    shown = resource(await browser.get(f"/v1/client/sign_ups/{begun['id']}"))["verifications"]
    assert shown["external_account"]["status"] == "failed"
    assert (await server.backend().get("/v1/users")).json() == []


# --- two sites, two accounts --------------------------------------------------------------------------------


async def test_state_of_one_site_counts_for_that_site_alone(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await with_two_sites(server, provider)
    browser = server.browser()
    provider.user = {"sub": "1234"}
    begun = await begin_sign_in(browser, strategy="oauth_custom_other")
    await land(browser, provider.authorize(url_in(begun)))

    done = resource(await browser.post("/v1/client/sign_ups", transfer=True))

    assert done["verifications"]["external_account"]["strategy"] == "oauth_custom_other"


async def test_id_of_one_site_finds_no_user_of_another(server: TestServer, provider: OpenIdProvider) -> None:
    await with_two_sites(server, provider)
    user = await sign_up(server.browser(), provider)
    provider.user = {"sub": "1234", "email": "mallory@example.com", "email_verified": True}
    browser = server.browser()

    begun = await begin_sign_in(browser, strategy="oauth_custom_other")
    await come_back(browser, provider, begun)

    shown = resource(await browser.get(f"/v1/client/sign_ins/{begun['id']}"))["first_factor_verification"]
    assert shown["error"]["code"] == "external_account_not_found"
    assert await accounts_of(server, user["id"]) == ["1234"]


async def test_address_that_the_site_gave_to_another_person_signs_in_as_no_former_user(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await sign_up(server.browser(), provider)
    provider.user |= {"sub": "5678"}
    browser = server.browser()

    shown = (await returned(browser, provider))["first_factor_verification"]

    assert shown["error"]["code"] == "oauth_account_already_connected"
    assert (await client_of(browser))["sessions"] == []
    assert await accounts_of(server, user["id"]) == ["1234"]


# --- what the user has then ---------------------------------------------------------------------------------


async def test_address_says_which_account_has_it_until_that_is_removed(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browser = server.browser()
    user = await sign_up(browser, provider)
    (address,), (account,) = user["email_addresses"], user["external_accounts"]

    await server.backend().delete(f"/v1/users/{user['id']}/external_accounts/{account['id']}")

    assert address["linked_to"] == [{"type": STRATEGY, "id": account["identification_id"]}]
    assert (await user_in(browser))["email_addresses"][0]["linked_to"] == []


async def test_account_is_a_factor_of_its_users_sign_in(server: TestServer, provider: OpenIdProvider) -> None:
    await sign_up(server.browser(), provider)
    browser = server.browser()
    begun = resource(await browser.post("/v1/client/sign_ins", identifier="ada@example.com"))
    path = f"/v1/client/sign_ins/{begun['id']}/prepare_first_factor"

    prepared = resource(await browser.post(path, **AWAY))

    assert [one["strategy"] for one in begun["supported_first_factors"]] == ["email_code", STRATEGY]
    assert await come_back(browser, provider, prepared) == DONE


async def test_identifier_beside_the_site_tells_nothing_and_is_none(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await sign_up(server.browser(), provider)
    for identifier in ("ada@example.com", "unknown@example.com"):
        browser = server.browser()
        begun = await begin_sign_in(browser, identifier=identifier)

        assert (begun["status"], begun["identifier"]) == ("needs_identifier", None)
        assert await come_back(browser, provider, begun) == DONE
