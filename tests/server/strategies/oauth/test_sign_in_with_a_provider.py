"""Signing up and in with an OpenID provider from the settings."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.server.strategies.oauth.conftest import social
from tests.server.strategies.oauth.flows import (
    AWAY,
    BACK,
    DONE,
    STRATEGY,
    begin_sign_in,
    begin_sign_up,
    client_of,
    come_back,
    resource,
    sign_up,
    url_in,
)
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import TestServer
from tests.support.services.openid_provider import OpenIdProvider


async def test_environment_shows_the_button(server: TestServer, provider: OpenIdProvider) -> None:
    social = (await server.browser().get("/v1/environment")).json()["user_settings"]["social"]

    assert social[STRATEGY]["strategy"] == STRATEGY
    assert (social[STRATEGY]["name"], social[STRATEGY]["authenticatable"]) == ("Acme", True)


async def test_provider_is_asked_with_pkce_state_and_nonce(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browser = server.browser()
    await come_back(browser, provider, await begin_sign_in(browser, oidc_prompt="login"))

    (asked,) = provider.authorizations
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"] == "openid profile email"
    assert asked["prompt"] == "login"
    assert urlsplit(asked["redirect_uri"]).path == "/v1/oauth_callback"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert provider.exchanges[0]["redirect_uri"] == asked["redirect_uri"]


async def test_further_parameters_of_the_settings_go_to_the_provider_and_change_no_others(
    server: TestServer, provider: OpenIdProvider
) -> None:
    further = {
        "hd": "example.com",
        "prompt": "consent",
        "state": "fixed",
        "redirect_uri": "https://evil.example/",
    }
    await configure(server, {"social": [social(provider, authorization_parameters=further)]})
    browser = server.browser()

    page = await come_back(browser, provider, await begin_sign_up(browser))

    (asked,) = provider.authorizations
    assert page == DONE
    assert (asked["hd"], asked["prompt"]) == ("example.com", "consent")
    assert asked["state"] != "fixed"
    assert urlsplit(asked["redirect_uri"]).path == "/v1/oauth_callback"


@pytest.mark.parametrize(
    ("methods", "by"),
    [
        (["client_secret_basic", "client_secret_post"], None),
        (["client_secret_basic"], "basic"),
        (["client_secret_basic", "private_key_jwt"], "basic"),
        ([], "basic"),  # as the discovery document's absent list is to be read
    ],
)
async def test_client_authenticates_as_the_discovery_document_says(
    server: TestServer,
    provider: OpenIdProvider,
    monkeypatch: pytest.MonkeyPatch,
    methods: list[str],
    by: str | None,
) -> None:
    provider.methods = methods
    monkeypatch.setattr("greffier.server.strategies.oauth.discovery._kept", {})  # the document of before
    browser = server.browser()

    await come_back(browser, provider, await begin_sign_up(browser))

    (exchange,) = provider.exchanges
    assert exchange.get("authenticated_by") == by
    assert (await client_of(browser))["sessions"]


@pytest.mark.parametrize(("chosen", "by"), [("basic", "basic"), ("post", None), (None, None)])
async def test_client_of_a_provider_without_a_document_authenticates_as_the_settings_say(
    server: TestServer, provider: OpenIdProvider, chosen: str | None, by: str | None
) -> None:
    urls = {
        "discovery_url": None,
        "authorization_url": f"{provider.url}/authorize",
        "token_url": f"{provider.url}/token",
        "userinfo_url": f"{provider.url}/userinfo",
    }
    await configure(server, {"social": [social(provider, client_authentication=chosen, **urls)]})
    browser = server.browser()

    await come_back(browser, provider, await begin_sign_up(browser))

    assert provider.exchanges[0].get("authenticated_by") == by


async def test_secrets_of_the_request_are_not_shown(server: TestServer, provider: OpenIdProvider) -> None:
    browser = server.browser()
    begun = await begin_sign_in(browser)
    await come_back(browser, provider, begun)

    shown = (await browser.get("/v1/client")).text + str(begun)
    assert provider.exchanges[0]["code_verifier"] not in shown
    assert provider.exchanges[0]["client_secret"] not in shown


async def test_new_user_signs_up_with_what_the_provider_says(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await sign_up(server.browser(), provider)

    (address,) = user["email_addresses"]
    (account,) = user["external_accounts"]
    assert (user["first_name"], user["last_name"]) == ("Ada", "Lovelace")
    assert (address["email_address"], address["verification"]["status"]) == ("ada@example.com", "verified")
    assert address["verification"]["strategy"] == f"from_{STRATEGY}"
    assert (account["provider"], account["provider_user_id"]) == (STRATEGY, "1234")
    assert account["verification"]["status"] == "verified"
    assert account["approved_scopes"] == "openid profile email"


async def test_sign_up_with_an_account_needs_no_password(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browser = server.browser()
    by_form = resource(await browser.post("/v1/client/sign_ups", email_address="grace@example.com"))

    user = await sign_up(server.browser(), provider)

    assert by_form["missing_fields"] == ["password"]
    assert user["password_enabled"] is False


async def test_user_signs_in_again_with_the_same_account(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await sign_up(server.browser(), provider)
    browser = server.browser()

    page = await come_back(browser, provider, await begin_sign_in(browser))

    (session,) = (await client_of(browser))["sessions"]
    assert page == DONE
    assert session["user"]["id"] == user["id"]
    assert (await client_of(browser))["last_authentication_strategy"] == STRATEGY


async def test_user_is_found_by_the_providers_id_and_not_by_the_address(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await sign_up(server.browser(), provider)
    provider.user = provider.user | {"email": "new@example.com"}
    browser = server.browser()

    await come_back(browser, provider, await begin_sign_in(browser))

    (session,) = (await client_of(browser))["sessions"]
    assert session["user"]["id"] == user["id"]
    assert session["user"]["external_accounts"][0]["email_address"] == "new@example.com"
    assert [one["email_address"] for one in session["user"]["email_addresses"]] == ["ada@example.com"]


async def test_sign_in_of_a_new_person_is_transferred_to_a_sign_up(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browser = server.browser()
    begun = await begin_sign_in(browser)

    page = await come_back(browser, provider, begun)

    shown = resource(await browser.get(f"/v1/client/sign_ins/{begun['id']}"))["first_factor_verification"]
    assert page == BACK
    assert (shown["status"], shown["error"]["code"]) == ("transferable", "external_account_not_found")
    done = resource(await browser.post("/v1/client/sign_ups", transfer=True))
    assert done["status"] == "complete"
    assert len((await client_of(browser))["sessions"]) == 1


async def test_sign_up_of_a_known_account_is_transferred_to_a_sign_in(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await sign_up(server.browser(), provider)
    browser = server.browser()
    begun = await begin_sign_up(browser)

    page = await come_back(browser, provider, begun)

    shown = resource(await browser.get(f"/v1/client/sign_ups/{begun['id']}"))
    verification = shown["verifications"]["external_account"]
    assert page == BACK
    assert (verification["status"], verification["error"]["code"]) == (
        "transferable",
        "external_account_exists",
    )
    done = resource(await browser.post("/v1/client/sign_ins", transfer=True))
    assert done["status"] == "complete"
    (session,) = (await client_of(browser))["sessions"]
    assert session["user"]["id"] == user["id"]


async def test_sign_up_goes_on_with_what_is_missing(server: TestServer, provider: OpenIdProvider) -> None:
    provider.user = {"sub": "1234"}
    browser = server.browser()
    begun = await begin_sign_up(browser)

    page = await come_back(browser, provider, begun)

    path = f"/v1/client/sign_ups/{begun['id']}"
    shown = resource(await browser.get(path))
    assert page == BACK
    assert (shown["status"], shown["missing_fields"]) == ("missing_requirements", ["email_address"])
    await browser.patch(path, email_address="eve+clerk_test@example.com")
    await browser.post(f"{path}/prepare_verification", strategy="email_code")
    done = resource(await browser.post(f"{path}/attempt_verification", strategy="email_code", code="424242"))
    assert done["status"] == "complete"
    (session,) = (await client_of(browser))["sessions"]
    assert session["user"]["external_accounts"][0]["provider_user_id"] == "1234"


async def test_address_that_the_provider_has_not_verified_is_verified_here(
    server: TestServer, provider: OpenIdProvider
) -> None:
    provider.user = provider.user | {"email_verified": False}
    browser = server.browser()
    begun = await begin_sign_up(browser)

    await come_back(browser, provider, begun)

    shown = resource(await browser.get(f"/v1/client/sign_ups/{begun['id']}"))
    assert (shown["email_address"], shown["unverified_fields"]) == ("ada@example.com", ["email_address"])
    assert (await client_of(browser))["sessions"] == []


async def test_transfer_without_a_verified_account_is_refused(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browser = server.browser()
    await begin_sign_in(browser)

    assert error_of(await browser.post("/v1/client/sign_ins", transfer=True))[0] == 400
    assert error_of(await browser.post("/v1/client/sign_ups", transfer=True))[0] == 400


async def test_second_factor_is_asked_for_after_the_provider(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await configure(server, {"attributes": {"authenticator_app": {"enabled": True}}})
    backend = server.backend()
    await backend.add_user("ada@example.com", totp_secret="JBSWY3DPEHPK3PXP")
    browser = server.browser()
    begun = await begin_sign_in(browser)

    page = await come_back(browser, provider, begun)

    assert page == BACK
    assert (
        resource(await browser.get(f"/v1/client/sign_ins/{begun['id']}"))["status"] == "needs_second_factor"
    )


async def test_path_to_end_at_is_one_of_the_application(server: TestServer, provider: OpenIdProvider) -> None:
    browser = server.browser()
    begun = await begin_sign_up(browser, action_complete_redirect_url="/done")

    assert await come_back(browser, provider, begun) == DONE


async def test_path_to_end_at_leads_to_no_other_site(server: TestServer, provider: OpenIdProvider) -> None:
    away = AWAY | {"action_complete_redirect_url": "//evil.example/done"}

    refused = await server.browser().post("/v1/client/sign_ins", **away)

    assert error_of(refused)[1] == "redirect_url_not_associated_with_instance"


async def test_provider_that_is_off_is_no_strategy(server: TestServer) -> None:
    refused = await server.browser().post("/v1/client/sign_ins", **AWAY)

    assert error_of(refused)[:2] == (400, "oauth_unsupported_provider")


async def test_url_is_that_of_the_discovery_document(server: TestServer, provider: OpenIdProvider) -> None:
    begun = await begin_sign_in(server.browser())

    assert url_in(begun).startswith(f"{provider.url}/authorize?")
