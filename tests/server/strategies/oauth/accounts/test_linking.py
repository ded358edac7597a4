"""Accounts at other sites are connected by an address alone if both sides, or the person here, have verified
it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.strategies.oauth.flows import (
    BACK,
    DONE,
    STRATEGY,
    accounts_of,
    begin_sign_in,
    begin_sign_up,
    client_of,
    come_back,
    enter_code,
    prove,
    resource,
    returned,
    send_code,
    sign_up,
    user_in,
)
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, TestServer
from tests.support.services.openid_provider import OpenIdProvider

ADA = "ada+clerk_test@example.com"


@pytest.fixture(autouse=True)
def ada_at_the_provider(provider: OpenIdProvider) -> None:
    provider.user |= {"email": ADA}


# --- verified by both ---------------------------------------------------------------------------------------


async def test_address_that_both_have_verified_links_and_asks_for_no_password(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await server.backend().create_user(ADA)
    browser = server.browser()

    assert await come_back(browser, provider, await begin_sign_in(browser)) == DONE

    assert (await user_in(browser))["id"] == user["id"]
    assert await accounts_of(server, user["id"]) == ["1234"]


async def test_who_lacks_the_second_factor_connects_nothing(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await configure(server, {"attributes": {"authenticator_app": {"enabled": True}}})
    user = await server.backend().add_user(ADA, totp_secret="JBSWY3DPEHPK3PXP")

    sign_in = await returned(server.browser(), provider)

    assert sign_in["status"] == "needs_second_factor"
    assert await accounts_of(server, user["id"]) == []


# --- verified here alone ------------------------------------------------------------------------------------


async def test_address_that_the_provider_does_not_vouch_for_is_verified_before_it_links(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await server.backend().create_user(ADA)
    provider.user |= {"email_verified": False}
    browser = server.browser()

    sign_in = await returned(browser, provider)

    assert (sign_in["status"], sign_in["identifier"]) == ("needs_first_factor", ADA)
    assert [one["strategy"] for one in sign_in["supported_first_factors"]] == ["email_code"]
    assert await accounts_of(server, user["id"]) == []
    await send_code(browser, sign_in)
    assert await accounts_of(server, user["id"]) == []
    assert (await enter_code(browser, sign_in))["status"] == "complete"
    assert (await user_in(browser))["id"] == user["id"]
    assert await accounts_of(server, user["id"]) == ["1234"]


async def test_linked_account_needs_no_code_the_next_time(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await server.backend().create_user(ADA)
    provider.user |= {"email_verified": False}
    first, again = server.browser(), server.browser()
    await prove(first, await returned(first, provider))

    assert await come_back(again, provider, await begin_sign_in(again)) == DONE


async def test_password_does_not_link_an_address_that_the_provider_does_not_vouch_for(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await server.backend().create_user(ADA)
    provider.user |= {"email_verified": False}
    browser = server.browser()
    path = f"/v1/client/sign_ins/{(await returned(browser, provider))['id']}"

    refused = await browser.post(f"{path}/attempt_first_factor", strategy="password", password=PASSWORD)

    assert error_of(refused)[:2] == (400, "strategy_for_user_invalid")
    assert await accounts_of(server, user["id"]) == []


async def test_wrong_code_links_nothing(server: TestServer, provider: OpenIdProvider) -> None:
    user = await server.backend().create_user(ADA)
    provider.user |= {"email_verified": False}
    browser = server.browser()
    sign_in = await returned(browser, provider)
    await send_code(browser, sign_in)

    path = f"/v1/client/sign_ins/{sign_in['id']}/attempt_first_factor"
    refused = await browser.post(path, strategy="email_code", code="000000")

    assert error_of(refused)[:2] == (422, "form_code_incorrect")
    assert await accounts_of(server, user["id"]) == []


async def test_second_factor_is_asked_for_before_an_address_links(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await configure(server, {"attributes": {"authenticator_app": {"enabled": True}}})
    user = await server.backend().create_user(ADA, totp_secret="JBSWY3DPEHPK3PXP")
    provider.user |= {"email_verified": False}
    browser = server.browser()

    proven = await prove(browser, await returned(browser, provider))

    assert proven["status"] == "needs_second_factor"
    assert await accounts_of(server, user["id"]) == []


async def test_sign_up_with_an_unverified_address_of_a_user_becomes_a_sign_in_that_verifies_it(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await server.backend().create_user(ADA)
    provider.user |= {"email_verified": False}
    browser = server.browser()
    begun = await begin_sign_up(browser)

    assert await come_back(browser, provider, begun) == BACK

    shown = resource(await browser.get(f"/v1/client/sign_ups/{begun['id']}"))["verifications"]
    assert shown["external_account"]["status"] == "transferable"
    assert shown["external_account"]["error"]["code"] == "external_account_exists"
    sign_in = resource(await browser.post("/v1/client/sign_ins", transfer=True))
    assert sign_in["status"] == "needs_first_factor"
    assert (await prove(browser, sign_in))["status"] == "complete"
    assert await accounts_of(server, user["id"]) == ["1234"]


async def test_site_that_vouches_for_nothing_does_not_tell_whether_there_is_an_account(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await configure(server, {"attack_protection": {"enumeration_protection": True}})
    await server.backend().create_user(ADA)
    found: list[Any] = []
    for address in (ADA, "eve+clerk_test@example.com"):
        provider.user |= {"sub": address, "email": address, "email_verified": False}
        browser = server.browser()
        sign_in = await returned(browser, provider)
        sign_up = resource(await browser.post("/v1/client/sign_ups", transfer=True))
        found.append((sign_in["status"], sign_up["status"], sign_up["unverified_fields"]))

    assert found[0] == found[1] == ("needs_identifier", "missing_requirements", ["email_address"])


async def test_banned_user_is_refused_before_a_code_is_sent(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await server.backend().create_user(ADA)
    await server.backend().post(f"/v1/users/{user['id']}/ban")
    provider.user |= {"email_verified": False}

    sign_in = await returned(server.browser(), provider)

    assert sign_in["first_factor_verification"]["error"]["code"] == "user_banned"


async def test_address_that_cannot_be_verified_here_does_not_link(
    server: TestServer, provider: OpenIdProvider
) -> None:
    none: dict[str, Any] = {"verifications": [], "first_factors": [], "verify_at_sign_up": False}
    await configure(server, {"attributes": {"email_address": none}})
    user = await server.backend().create_user(ADA)
    provider.user |= {"email_verified": False}

    sign_in = await returned(server.browser(), provider)

    error = sign_in["first_factor_verification"]["error"]["code"]
    assert error == "external_account_email_address_verification_required"
    assert await accounts_of(server, user["id"]) == []


# --- the address changes, or the account's user is gone -----------------------------------------------------


async def test_address_that_changes_at_the_provider_is_not_given_to_the_user(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await sign_up(server.browser(), provider)
    other = await server.backend().create_user("grace@example.com")
    provider.user |= {"email": "grace@example.com"}
    browser = server.browser()

    assert await come_back(browser, provider, await begin_sign_in(browser)) == DONE

    shown = await user_in(browser)
    assert shown["id"] == user["id"]
    assert shown["external_accounts"][0]["email_address"] == "grace@example.com"
    assert [one["email_address"] for one in shown["email_addresses"]] == [ADA]
    assert await accounts_of(server, other["id"]) == []


async def test_account_of_a_deleted_user_signs_up_anew(server: TestServer, provider: OpenIdProvider) -> None:
    former = await sign_up(server.browser(), provider)
    await server.backend().delete(f"/v1/users/{former['id']}")

    user = await sign_up(server.browser(), provider)

    assert user["id"] != former["id"]


@pytest.mark.parametrize(("action", "code"), [("ban", "user_banned"), ("lock", "user_locked")])
async def test_user_who_may_not_sign_in_does_not_with_a_provider(
    server: TestServer, provider: OpenIdProvider, action: str, code: str
) -> None:
    user = await sign_up(server.browser(), provider)
    await server.backend().post(f"/v1/users/{user['id']}/{action}")
    browser = server.browser()

    shown = (await returned(browser, provider))["first_factor_verification"]

    assert (shown["status"], shown["error"]["code"]) == ("failed", code)
    assert (await client_of(browser))["sessions"] == []


async def test_strategy_of_the_account_is_the_one_last_used(
    server: TestServer, provider: OpenIdProvider
) -> None:
    browser = server.browser()
    await sign_up(browser, provider)

    assert (await client_of(browser))["last_authentication_strategy"] == STRATEGY
