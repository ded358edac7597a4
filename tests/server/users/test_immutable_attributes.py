"""Attributes that users do not change once they have them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.strategies.oauth.conftest import provider, running_provider, social
from tests.server.strategies.oauth.flows import (
    AWAY,
    begin_sign_in,
    client_of,
    come_back,
    land,
    resource,
    user_in,
)
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import Browser, TestServer
from tests.support.services.openid_provider import OpenIdProvider

__all__ = ["provider", "running_provider"]
ADDRESS = "grace+clerk_test@example.com"
REFUSED = (403, "immutable_attribute_modification_not_allowed")

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def fix(server: TestServer, *names: str, **rest: Any) -> None:
    named = {name: {"enabled": True, "immutable": True} for name in names}
    await configure(server, {"attributes": named, **rest})


@pytest.fixture
async def browser(server: TestServer) -> Browser:
    browser = server.browser()
    await browser.sign_up(ADDRESS)
    return browser


async def test_environment_says_so(server: TestServer) -> None:
    await fix(server, "email_address")

    attributes = (await server.browser().get("/v1/environment")).json()["user_settings"]["attributes"]

    assert (attributes["email_address"]["immutable"], attributes["username"]["immutable"]) == (True, False)


async def test_address_is_neither_removed_nor_joined_by_another(server: TestServer, browser: Browser) -> None:
    await fix(server, "email_address")
    (address,) = (await user_in(browser))["email_addresses"]

    added = await browser.post("/v1/me/email_addresses", email_address="other@example.com")
    removed = await browser.delete(f"/v1/me/email_addresses/{address['id']}")

    assert (error_of(added)[:2], error_of(removed)[:2]) == (REFUSED, REFUSED)
    assert [one["email_address"] for one in (await user_in(browser))["email_addresses"]] == [ADDRESS]


async def test_first_number_is_added_and_a_second_one_is_not(server: TestServer, browser: Browser) -> None:
    await fix(server, "phone_number")
    await configure(server, {"attributes": {"phone_number": {"verifications": ["phone_code"]}}})
    first = resource(await browser.post("/v1/me/phone_numbers", phone_number="+12015550100"))
    path = f"/v1/me/phone_numbers/{first['id']}"
    resource(await browser.post(f"{path}/prepare_verification", strategy="phone_code"))
    resource(await browser.post(f"{path}/attempt_verification", code="424242"))

    second = await browser.post("/v1/me/phone_numbers", phone_number="+12015550101")

    assert error_of(second)[:2] == REFUSED


@pytest.mark.parametrize("name", ["first_name", "last_name", "username"])
async def test_name_is_chosen_once(server: TestServer, browser: Browser, name: str) -> None:
    await fix(server, name)
    chosen = resource(await browser.patch("/v1/me", **{name: "augusta"}))

    changed = await browser.patch("/v1/me", **{name: "evelyn"})
    removed = await browser.patch("/v1/me", **{name: ""})
    same = await browser.patch("/v1/me", **{name: "augusta"})

    assert (chosen[name], same.status_code) == ("augusta", 200)
    assert (error_of(changed)[:2], error_of(removed)[:2]) == (REFUSED, REFUSED)


async def test_backend_changes_it_all_the_same(server: TestServer, browser: Browser) -> None:
    await fix(server, "first_name")
    resource(await browser.patch("/v1/me", first_name="augusta"))
    user = await user_in(browser)

    changed = await server.backend().patch(f"/v1/users/{user['id']}", first_name="Ada")

    assert changed.json()["first_name"] == "Ada"


async def connect(browser: Browser, provider: OpenIdProvider) -> dict[str, Any]:
    begun = resource(await browser.post("/v1/me/external_accounts", **AWAY))
    await land(browser, provider.authorize(begun["verification"]["external_verification_redirect_url"]))
    (account,) = (await user_in(browser))["external_accounts"]
    return account["verification"]


async def test_account_with_another_address_is_not_connected(
    server: TestServer, browser: Browser, provider: OpenIdProvider
) -> None:
    await fix(server, "email_address", social=[social(provider)])

    verification = await connect(browser, provider)

    assert verification["status"] == "failed"
    assert verification["error"]["code"] == "oauth_connection_blocked_by_immutable_attribute"


@pytest.mark.parametrize("address", [ADDRESS.upper(), None])
async def test_account_with_the_same_address_or_none_is_connected(
    server: TestServer, browser: Browser, provider: OpenIdProvider, address: str | None
) -> None:
    await fix(server, "email_address", social=[social(provider)])
    provider.user = provider.user | {"email": address}

    assert (await connect(browser, provider))["status"] == "verified"


async def test_account_that_is_connected_already_stays_and_signs_in(
    server: TestServer, browser: Browser, provider: OpenIdProvider
) -> None:
    await connect(browser, provider)
    await fix(server, "email_address")
    assert (await connect(browser, provider))["status"] == "verified"
    other = server.browser()

    await come_back(other, provider, await begin_sign_in(other))

    assert len((await client_of(other))["sessions"]) == 1
