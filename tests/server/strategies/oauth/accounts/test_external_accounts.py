"""Users connect and remove accounts at other sites in their profile."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.strategies.oauth.flows import AWAY, BACK, STRATEGY, client_of, land, resource, sign_up
from tests.support.answers import error_of
from tests.support.server import PASSWORD, Browser, TestServer
from tests.support.services.openid_provider import OpenIdProvider

ADDRESS = "grace+clerk_test@example.com"


@pytest.fixture
async def browser(server: TestServer, provider: OpenIdProvider) -> Browser:
    """A browser in which a user has signed up by mail."""
    browser = server.browser()
    await browser.sign_up(ADDRESS)
    return browser


async def begin(browser: Browser, **fields: str) -> dict[str, Any]:
    return resource(await browser.post("/v1/me/external_accounts", **{**AWAY, **fields}))


async def accounts_of(browser: Browser) -> list[dict[str, Any]]:
    return (await client_of(browser))["sessions"][0]["user"]["external_accounts"]


async def connect(browser: Browser, provider: OpenIdProvider) -> dict[str, Any]:
    begun = await begin(browser)
    page, _ = await land(
        browser, provider.authorize(begun["verification"]["external_verification_redirect_url"])
    )
    assert page == BACK
    (account,) = await accounts_of(browser)
    return account


async def test_account_is_connected(browser: Browser, provider: OpenIdProvider) -> None:
    account = await connect(browser, provider)

    assert (account["provider"], account["provider_user_id"]) == (STRATEGY, "1234")
    assert account["verification"]["status"] == "verified"
    assert account["email_address"] == "ada@example.com"


async def test_connected_account_signs_in(
    server: TestServer, browser: Browser, provider: OpenIdProvider
) -> None:
    await connect(browser, provider)
    user = (await client_of(browser))["sessions"][0]["user"]

    again = await _signed_in(server.browser(), provider)

    assert again["id"] == user["id"]


async def _signed_in(browser: Browser, provider: OpenIdProvider) -> dict[str, Any]:
    begun = resource(await browser.post("/v1/client/sign_ins", **AWAY))
    await land(
        browser, provider.authorize(begun["first_factor_verification"]["external_verification_redirect_url"])
    )
    (session,) = (await client_of(browser))["sessions"]
    return session["user"]


async def test_account_of_another_user_is_refused_and_the_profile_says_why(
    server: TestServer, browser: Browser, provider: OpenIdProvider
) -> None:
    await sign_up(server.browser(), provider)
    begun = await begin(browser)

    await land(browser, provider.authorize(begun["verification"]["external_verification_redirect_url"]))

    (account,) = await accounts_of(browser)
    assert account["verification"]["status"] == "failed"
    assert account["verification"]["error"]["code"] == "oauth_identification_claimed"
    assert account["provider_user_id"] == ""


async def test_second_account_of_a_site_is_refused(browser: Browser, provider: OpenIdProvider) -> None:
    await connect(browser, provider)
    provider.user = provider.user | {"sub": "5678"}
    begun = await begin(browser)

    await land(browser, provider.authorize(begun["verification"]["external_verification_redirect_url"]))

    (account,) = await accounts_of(browser)
    assert account["provider_user_id"] == "1234"
    assert account["verification"]["error"]["code"] == "oauth_account_already_connected"


async def test_account_is_not_connected_to_a_user_who_has_signed_out(
    server: TestServer, browser: Browser, provider: OpenIdProvider
) -> None:
    begun = await begin(browser)
    await browser.delete("/v1/client/sessions")

    await land(browser, provider.authorize(begun["verification"]["external_verification_redirect_url"]))

    (user,) = (await server.backend().get("/v1/users")).json()
    assert [one for one in user["external_accounts"] if one["provider_user_id"]] == []


async def test_more_scopes_are_asked_for_and_added(browser: Browser, provider: OpenIdProvider) -> None:
    account = await connect(browser, provider)
    asked = resource(
        await browser.patch(
            f"/v1/me/external_accounts/{account['id']}/reauthorize",
            redirect_url=BACK,
            additional_scope="calendar",
        )
    )

    await land(browser, provider.authorize(asked["verification"]["external_verification_redirect_url"]))

    (account,) = await accounts_of(browser)
    assert account["approved_scopes"] == "openid profile email calendar"


async def test_account_is_removed(browser: Browser, provider: OpenIdProvider) -> None:
    account = await connect(browser, provider)

    deleted = resource(await browser.delete(f"/v1/me/external_accounts/{account['id']}"))

    assert deleted == {"object": "external_account", "id": account["id"], "deleted": True}
    assert await accounts_of(browser) == []


async def test_account_of_another_user_is_not_found(
    server: TestServer, browser: Browser, provider: OpenIdProvider
) -> None:
    account = await connect(browser, provider)
    other = server.browser()
    await other.sign_up("eve+clerk_test@example.com")

    for response in (
        await other.delete(f"/v1/me/external_accounts/{account['id']}"),
        await other.patch(f"/v1/me/external_accounts/{account['id']}/reauthorize", redirect_url=BACK),
    ):
        assert error_of(response)[:2] == (404, "resource_not_found")


async def test_backend_removes_an_account(
    server: TestServer, browser: Browser, provider: OpenIdProvider
) -> None:
    account = await connect(browser, provider)
    user = (await client_of(browser))["sessions"][0]["user"]
    backend = server.backend()

    deleted = await backend.delete(f"/v1/users/{user['id']}/external_accounts/{account['id']}")

    assert deleted.json()["deleted"] is True
    assert (await backend.get(f"/v1/users/{user['id']}")).json()["external_accounts"] == []


async def test_strategy_that_is_none_of_a_provider_is_refused(
    browser: Browser, provider: OpenIdProvider
) -> None:
    for strategy, status in (("email_code", 422), ("oauth_custom_unknown", 400), ("oauth_", 400)):
        refused = await browser.post("/v1/me/external_accounts", strategy=strategy, redirect_url=BACK)
        assert error_of(refused)[0] == status


async def test_user_is_notified_of_accounts_that_are_connected_and_removed(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await server.backend().add_user("grace@example.com", password=PASSWORD)
    browser = server.browser()
    await browser.sign_in("grace@example.com")

    account = await connect(browser, provider)
    await browser.delete(f"/v1/me/external_accounts/{account['id']}")

    removed, added, *_ = await server.messages("grace@example.com")
    assert (added["kind"], removed["kind"]) == ("identification_added", "identification_removed")
    assert "account at custom_acme" in added["text"]


async def test_backend_finds_users_by_their_account(
    server: TestServer, browser: Browser, provider: OpenIdProvider
) -> None:
    await connect(browser, provider)
    await server.backend().add_user("other@example.com")
    backend = server.backend()

    async def found(**query: str) -> int:
        return len((await backend.get("/v1/users", **query)).json())

    assert await found(provider=STRATEGY, provider_user_id="1234") == 1
    assert await found(provider=STRATEGY) == 1
    assert await found(provider="oauth_google") == 0
    assert await found(provider=STRATEGY, provider_user_id="5678") == 0
