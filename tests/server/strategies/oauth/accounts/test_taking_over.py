"""The holder of an address takes over the account that was made with it and never verified, and who made that
keeps no way in (pre-hijacking)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.strategies.oauth.conftest import social
from tests.server.strategies.oauth.flows import (
    DONE,
    accounts_of,
    begin_sign_in,
    begin_sign_up,
    client_of,
    come_back,
    prove,
    resource,
    returned,
    send_code,
    sign_up,
    user_in,
)
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, TEST_CODE, Browser, TestServer
from tests.support.services.openid_provider import OpenIdProvider

ADA = "ada+clerk_test@example.com"
NEW_PASSWORD = "another horse battery staple"
UNVERIFIED_SIGN_UPS = {"attributes": {"email_address": {"verify_at_sign_up": False}}}


@pytest.fixture(autouse=True)
def ada_at_the_provider(provider: OpenIdProvider) -> None:
    provider.user |= {"email": ADA}


async def squat(server: TestServer, **fields: Any) -> tuple[Browser, dict[str, Any]]:
    """An account that an attacker has made with an address of another person; its user."""
    await configure(server, UNVERIFIED_SIGN_UPS)
    attacker = server.browser()
    await attacker.post("/v1/client/sign_ups", email_address=ADA, password=PASSWORD, **fields)
    return attacker, await user_in(attacker)


async def test_address_that_is_unverified_here_is_verified_and_a_new_password_chosen(
    server: TestServer, provider: OpenIdProvider
) -> None:
    _, user = await squat(server)
    browser = server.browser()

    sign_in = await returned(browser, provider)

    assert (sign_in["status"], sign_in["identifier"]) == ("needs_first_factor", ADA)
    proven = await prove(browser, sign_in)
    assert proven["status"] == "needs_new_password"
    path = f"/v1/client/sign_ins/{sign_in['id']}/reset_password"
    done = resource(await browser.post(path, password=NEW_PASSWORD))
    assert done["status"] == "complete"
    shown = await user_in(browser)
    assert shown["id"] == user["id"]
    assert [one["verification"]["status"] for one in shown["email_addresses"]] == ["verified"]
    assert await accounts_of(server, user["id"]) == ["1234"]
    assert len((await server.browser().sign_in(ADA, NEW_PASSWORD))["sessions"]) == 1


async def test_password_that_was_there_before_is_none_any_more(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await squat(server)
    browser = server.browser()
    await prove(browser, await returned(browser, provider))

    refused = await server.browser().post(
        "/v1/client/sign_ins", strategy="password", identifier=ADA, password=PASSWORD
    )

    assert refused.status_code == 400, refused.text


async def test_account_is_connected_even_if_no_new_password_is_chosen(
    server: TestServer, provider: OpenIdProvider
) -> None:
    _, user = await squat(server)
    first, again = server.browser(), server.browser()
    await prove(first, await returned(first, provider))

    assert await come_back(again, provider, await begin_sign_in(again)) == DONE

    assert (await user_in(again))["id"] == user["id"]


async def test_who_made_the_account_with_an_address_of_another_is_signed_out(
    server: TestServer, provider: OpenIdProvider
) -> None:
    attacker, _ = await squat(server)
    browser = server.browser()

    await prove(browser, await returned(browser, provider))

    assert (await client_of(attacker))["sessions"] == []
    assert (await attacker.get("/v1/me")).status_code == 401


async def test_unverified_address_of_another_person_does_not_stay_in_the_account(
    server: TestServer, provider: OpenIdProvider
) -> None:
    attacker, user = await squat(server)
    await attacker.post("/v1/me/email_addresses", email_address="mallory+clerk_test@example.com")
    browser = server.browser()

    await prove(browser, await returned(browser, provider))

    shown = (await server.backend().get(f"/v1/users/{user['id']}")).json()
    assert [one["email_address"] for one in shown["email_addresses"]] == [ADA]


async def test_account_at_a_site_that_vouches_for_nothing_does_not_stay_a_way_in(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await configure(server, UNVERIFIED_SIGN_UPS)
    other = social(provider) | {"provider": "custom_other", "name": "Other"}
    await configure(server, {"social": [social(provider), other]})
    attacker, victim = server.browser(), server.browser()
    provider.user = {"sub": "mallory", "email": ADA, "email_verified": False}
    begun = await begin_sign_up(attacker, strategy="oauth_custom_other")
    assert await come_back(attacker, provider, begun) == DONE
    user = await user_in(attacker)
    provider.user = {"sub": "1234", "email": ADA, "email_verified": True}

    proven = await prove(victim, await returned(victim, provider))

    assert proven["status"] == "complete"  # there was no password
    assert await accounts_of(server, user["id"]) == ["1234"]
    assert (await client_of(attacker))["sessions"] == []


async def test_nothing_changes_before_the_address_is_verified(
    server: TestServer, provider: OpenIdProvider
) -> None:
    attacker, user = await squat(server)
    browser = server.browser()

    await send_code(browser, await returned(browser, provider))

    assert await accounts_of(server, user["id"]) == []
    assert len((await client_of(attacker))["sessions"]) == 1


async def test_user_who_has_proven_something_else_gets_no_account_of_another(
    server: TestServer, provider: OpenIdProvider
) -> None:
    attacker = server.browser()
    await attacker.sign_up("mallory+clerk_test@example.com")
    await attacker.post("/v1/me/email_addresses", email_address=ADA)
    mallory = await user_in(attacker)

    user = await sign_up(server.browser(), provider)

    assert user["id"] != mallory["id"]
    assert user["email_addresses"][0]["verification"]["status"] == "verified"
    assert await accounts_of(server, mallory["id"]) == []


async def test_user_who_verifies_something_else_meanwhile_gets_no_account_of_another(
    server: TestServer, provider: OpenIdProvider
) -> None:
    attacker, user = await squat(server)
    browser = server.browser()
    sign_in = await returned(browser, provider)
    await send_code(browser, sign_in)
    await server.backend().post(
        "/v1/email_addresses", user_id=user["id"], email_address="mallory@example.com", verified=True
    )

    path = f"/v1/client/sign_ins/{sign_in['id']}/attempt_first_factor"
    refused = await browser.post(path, strategy="email_code", code=TEST_CODE)

    assert refused.status_code == 400
    assert await accounts_of(server, user["id"]) == []
    assert len((await client_of(attacker))["sessions"]) == 1


async def test_address_that_several_have_entered_is_no_ones(
    server: TestServer, provider: OpenIdProvider
) -> None:
    _, one = await squat(server)
    _, another = await squat(server)

    user = await sign_up(server.browser(), provider)

    assert user["id"] not in (one["id"], another["id"])


async def test_reserved_address_is_verified_before_it_links(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await server.backend().create_user(ADA, email_address_identification_status=["reserved"])
    browser = server.browser()

    sign_in = await returned(browser, provider)

    assert sign_in["status"] == "needs_first_factor"
    assert (await prove(browser, sign_in))["status"] == "needs_new_password"
    assert await accounts_of(server, user["id"]) == ["1234"]


async def test_api_key_of_who_made_the_account_works_no_more(
    server: TestServer, provider: OpenIdProvider
) -> None:
    _, user = await squat(server)
    key = (await server.backend().post("/api_keys", name="stays", subject=user["id"])).json()
    browser = server.browser()

    await prove(browser, await returned(browser, provider))

    verified = await server.backend().post("/api_keys/verify", secret=key["secret"])
    assert error_of(verified)[0] == 404
