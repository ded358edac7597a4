"""Tasks of users after signing in at another site: the browser is led to where SDKs show them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.strategies.oauth.conftest import social
from tests.server.strategies.oauth.flows import (
    AWAY,
    BACK,
    DONE,
    begin_sign_in,
    begin_sign_up,
    client_of,
    land,
    resource,
    sign_up,
    url_in,
    user_in,
)
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, Browser, TestServer
from tests.support.services.openid_provider import OpenIdProvider

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


@pytest.fixture
async def forced(server: TestServer, provider: OpenIdProvider) -> OpenIdProvider:
    """Of an instance that forces a second factor."""
    attributes: dict[str, Any] = {"authenticator_app": {"enabled": True}}
    tasks = {"tasks": ["setup_mfa"]}
    await configure(server, {"social": [social(provider)], "attributes": attributes, "session": tasks})
    return provider


async def expect_task(browser: Browser, key: str) -> None:
    (session,) = (await client_of(browser))["sessions"]
    assert (session["status"], session["tasks"]) == ("pending", [{"key": key}])


async def test_second_factor_is_set_up_where_a_sign_up_goes_on(
    server: TestServer, forced: OpenIdProvider
) -> None:
    browser = server.browser()
    begun = await begin_sign_up(browser)

    page, query = await land(browser, forced.authorize(url_in(begun)))

    await expect_task(browser, "setup-mfa")
    (session,) = (await client_of(browser))["sessions"]
    assert page == BACK
    assert query == {"__clerk_status": "verified", "__clerk_created_session": session["id"]}


async def test_second_factor_is_set_up_where_a_sign_in_goes_on(
    server: TestServer, forced: OpenIdProvider
) -> None:
    await land(browser := server.browser(), forced.authorize(url_in(await begin_sign_up(browser))))
    browser = server.browser()

    page, _ = await land(browser, forced.authorize(url_in(await begin_sign_in(browser))))

    await expect_task(browser, "setup-mfa")
    assert page == BACK


async def test_compromised_password_is_replaced_where_the_sign_in_goes_on(
    server: TestServer, provider: OpenIdProvider
) -> None:
    user = await sign_up(server.browser(), provider)
    backend = server.backend()
    await backend.patch(f"/v1/users/{user['id']}", password=PASSWORD)
    marked = await backend.post(f"/v1/users/{user['id']}/password/set_compromised")
    assert marked.status_code == 200, marked.text
    browser = server.browser()

    page, _ = await land(browser, provider.authorize(url_in(await begin_sign_in(browser))))

    client = await client_of(browser)
    assert (client["sign_in"]["status"], client["sessions"]) == ("needs_new_password", [])
    assert page == BACK

    path = f"/v1/client/sign_ins/{client['sign_in']['id']}/reset_password"
    done = resource(await browser.post(path, password="a wholly different battery"))

    assert done["status"] == "complete"
    assert (await user_in(browser))["id"] == user["id"]


async def test_password_is_not_reset_by_an_account_that_is_not_the_users_any_more(
    server: TestServer, provider: OpenIdProvider
) -> None:
    backend, grace = server.backend(), server.browser()
    await grace.sign_up("grace+clerk_test@example.com")
    asked = resource(await grace.post("/v1/me/external_accounts", **AWAY))
    await land(grace, provider.authorize(asked["verification"]["external_verification_redirect_url"]))
    path = f"/v1/users/{(await user_in(grace))['id']}"
    await backend.post(f"{path}/password/set_compromised")
    browser = server.browser()
    begun = await begin_sign_in(browser)
    await land(browser, provider.authorize(url_in(begun)))
    await backend.delete(f"{path}/external_accounts/{asked['id']}")

    refused = await browser.post(
        f"/v1/client/sign_ins/{begun['id']}/reset_password", password="another battery 1"
    )

    assert error_of(refused)[:2] == (400, "verification_missing")


async def test_sign_in_without_tasks_leads_to_the_application(
    server: TestServer, provider: OpenIdProvider
) -> None:
    await sign_up(server.browser(), provider)
    browser = server.browser()

    page, _ = await land(browser, provider.authorize(url_in(await begin_sign_in(browser))))

    assert page == DONE
