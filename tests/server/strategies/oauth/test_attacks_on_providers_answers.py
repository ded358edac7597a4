"""No sign-in by answers that the provider did not give, or not to this request."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.server.strategies.oauth.conftest import social
from tests.server.strategies.oauth.flows import (
    BACK,
    DONE,
    accounts_of,
    begin_sign_in,
    begin_sign_up,
    client_of,
    come_back,
    land,
    resource,
    sign_up,
    url_in,
)
from tests.support.configuring import configure
from tests.support.server import PASSWORD, Browser, TestServer
from tests.support.services.openid_provider import OpenIdProvider


async def error_after(browser: Browser, begun: dict[str, Any]) -> str:
    """The code of the error that the page finds; no session has begun."""
    shown = resource(await browser.get(f"/v1/client/sign_ins/{begun['id']}"))["first_factor_verification"]
    assert (await client_of(browser))["sessions"] == []
    assert shown["status"] == "failed"
    return shown["error"]["code"]


def changed(url: str, **parameters: str) -> str:
    base, _, query = url.partition("?")
    given = {name: values[0] for name, values in parse_qs(query).items()}
    return f"{base}?{urlencode(given | parameters)}"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "another-client"},
        {"aud": ["client-of-greffier", "another"]},
        {"azp": "another-client"},
        {"iss": "https://another.example"},
        {"exp": int(time.time()) - 3600},
        {"iat": int(time.time()) + 3600},
        {"sub": "another-than-userinfo"},
    ],
    ids=lambda claims: "-".join(map(str, claims)),
)
async def test_id_token_for_something_else_does_not_sign_in(
    server: TestServer, provider: OpenIdProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    browser = server.browser()
    begun = await begin_sign_in(browser)

    assert await come_back(browser, provider, begun) == BACK
    assert await error_after(browser, begun) == "oauth_fetch_user_error"


async def test_answer_of_another_issuer_does_not_sign_in(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browser = server.browser()
    begun = await begin_sign_in(browser)
    answer = provider.authorize(url_in(begun))

    await land(browser, changed(answer, iss="https://evil.example"))

    assert provider.exchanges == []
    assert await error_after(browser, begun) == "oauth_callback_invalid"


async def test_answer_without_issuer_does_not_sign_in_where_the_provider_names_itself(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browser = server.browser()
    begun = await begin_sign_in(browser)

    await land(browser, changed(provider.authorize(url_in(begun)), iss=""))

    assert provider.exchanges == []
    assert await error_after(browser, begun) == "oauth_callback_invalid"


async def test_answer_to_one_browser_does_not_sign_in_another(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await sign_up(server.browser(), provider)
    attacker, victim = server.browser(), server.browser()
    begun = await begin_sign_in(attacker)
    await begin_sign_in(victim)

    _, query = await land(victim, provider.authorize(url_in(begun)))

    assert query["__clerk_status"] == "client_mismatch"
    assert (await client_of(victim))["sessions"] == []


async def test_answer_is_used_once(server: TestServer, provider: OpenIdProvider) -> None:
    browser = server.browser()
    begun = await begin_sign_up(browser)
    answer = provider.authorize(url_in(begun))
    assert (await land(browser, answer))[0] == DONE

    _, query = await land(browser, answer)

    assert query["__clerk_status"] == "failed"
    assert len(provider.exchanges) == 1


async def test_answer_that_comes_too_late_does_not_sign_in(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await sign_up(server.browser(), provider)
    browser = server.browser()
    answer = provider.authorize(url_in(await begin_sign_in(browser)))
    server.clock.advance(seconds=601)

    _, query = await land(browser, answer)

    assert query["__clerk_status"] == "expired"
    assert (await client_of(browser))["sessions"] == []


async def test_code_that_the_provider_refuses_does_not_sign_in(
    server: TestServer, provider: OpenIdProvider
) -> None:
    provider.refuse = "invalid_grant"
    browser = server.browser()
    begun = await begin_sign_in(browser)

    assert await come_back(browser, provider, begun) == BACK
    assert await error_after(browser, begun) == "oauth_token_exchange_error"


async def test_consent_that_is_denied_is_told(server: TestServer, provider: OpenIdProvider) -> None:
    browser = server.browser()
    begun = await begin_sign_in(browser)
    state = parse_qs(urlsplit(url_in(begun)).query)["state"][0]

    page, _ = await land(
        browser, f"/v1/oauth_callback?{urlencode({'state': state, 'error': 'access_denied'})}"
    )

    assert page == BACK
    assert await error_after(browser, begun) == "oauth_access_denied"


async def test_address_that_the_provider_has_not_verified_takes_over_no_user(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await server.backend().add_user("ada@example.com")
    provider.user = provider.user | {"email_verified": False}
    browser = server.browser()
    begun = await begin_sign_in(browser)

    await come_back(browser, provider, begun)

    shown = resource(await browser.get(f"/v1/client/sign_ins/{begun['id']}"))
    assert shown["status"] == "needs_first_factor"
    assert (await client_of(browser))["sessions"] == []
    assert await accounts_of(server, user["id"]) == []


async def test_user_who_has_not_verified_the_address_swallows_no_account(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await configure(server, {"attributes": {"email_address": {"verify_at_sign_up": False}}})
    attacker = server.browser()
    await attacker.post("/v1/client/sign_ups", email_address="ada@example.com", password=PASSWORD)
    (session,) = (await client_of(attacker))["sessions"]

    victim = server.browser()

    assert await come_back(victim, provider, await begin_sign_up(victim)) == BACK

    assert (await client_of(victim))["sessions"] == []
    assert await accounts_of(server, session["user"]["id"]) == []


async def test_same_id_at_another_provider_is_another_account(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await sign_up(server.browser(), provider)
    other = social(provider) | {"provider": "custom_other", "name": "Other"}
    await configure(server, {"social": [social(provider), other]})
    provider.user = {"sub": user["external_accounts"][0]["provider_user_id"]}
    browser = server.browser()
    begun = await begin_sign_in(browser, strategy="oauth_custom_other")

    await come_back(browser, provider, begun)

    shown = resource(await browser.get(f"/v1/client/sign_ins/{begun['id']}"))
    assert shown["first_factor_verification"]["status"] == "transferable"
    assert (await client_of(browser))["sessions"] == []


async def test_banned_user_does_not_sign_in_with_a_provider(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await sign_up(server.browser(), provider)
    await server.backend().post(f"/v1/users/{user['id']}/ban")
    browser = server.browser()
    begun = await begin_sign_in(browser)

    await come_back(browser, provider, begun)

    assert await error_after(browser, begun) == "user_banned"


async def test_discovery_document_of_another_issuer_is_refused(
    server: TestServer, provider: OpenIdProvider
) -> None:
    elsewhere = provider.url.replace("127.0.0.1", "localhost")
    await configure(
        server,
        {"social": [social(provider, discovery_url=f"{elsewhere}/.well-known/openid-configuration")]},
    )

    refused = await server.browser().post(
        "/v1/client/sign_ins", strategy="oauth_custom_acme", redirect_url=BACK
    )

    assert refused.json()["errors"][0]["code"] == "misconfigured_oauth_provider"
    assert refused.status_code == 400
