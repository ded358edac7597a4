"""Changes of how a user signs in demand a factor that was verified in the last ten minutes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from greffier.server.app import declare_operations
from greffier.server.web.operations.declaration import frontend_api
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.factors.authenticator_apps import SECOND_FACTORS, enrolled
from tests.support.server import PASSWORD, TEST_CODE, Browser, TestServer

ADA = "ada+clerk_test@example.com"
NEW_PASSWORD = "another horse battery staple"
DEMANDED = (403, "session_reverification_required")
TEN_MINUTES = 600

Change = Callable[[Browser], Awaitable[httpx.Response]]

FACTORS = {
    "attributes": {
        "username": {"enabled": True},
        "phone_number": {"enabled": True},
        "passkey": {"enabled": True},
        **SECOND_FACTORS["attributes"],
    }
}


async def _own(browser: Browser) -> Any:
    return (await browser.get("/v1/me")).json()["response"]


async def username(browser: Browser) -> httpx.Response:
    return await browser.patch("/v1/me", username="lovelace")


async def username_as_a_list(browser: Browser) -> httpx.Response:
    return await browser.call("PATCH", "/v1/me", {"username[]": "lovelace"})


async def primary_address(browser: Browser) -> httpx.Response:
    return await browser.patch("/v1/me", primary_email_address_id="idn_x")


async def primary_number(browser: Browser) -> httpx.Response:
    return await browser.patch("/v1/me", first_name="Ada", primary_phone_number_id="idn_x")


async def password_changed(browser: Browser) -> httpx.Response:
    return await browser.post("/v1/me/change_password", new_password=NEW_PASSWORD)


async def password_removed(browser: Browser) -> httpx.Response:
    return await browser.post("/v1/me/remove_password")


async def address_added(browser: Browser) -> httpx.Response:
    return await browser.post("/v1/me/email_addresses", email_address="b@example.com")


async def address_removed(browser: Browser) -> httpx.Response:
    address = (await _own(browser))["primary_email_address_id"]
    return await browser.delete(f"/v1/me/email_addresses/{address}")


async def number_added(browser: Browser) -> httpx.Response:
    return await browser.post("/v1/me/phone_numbers", phone_number="+12015550100")


async def number_removed(browser: Browser) -> httpx.Response:
    return await browser.delete("/v1/me/phone_numbers/idn_x")


async def number_reserved(browser: Browser) -> httpx.Response:
    return await browser.patch("/v1/me/phone_numbers/idn_x", reserved_for_second_factor=True)


async def wallet_added(browser: Browser) -> httpx.Response:
    return await browser.post("/v1/me/web3_wallets", web3_wallet="0x" + "1" * 40)


async def wallet_removed(browser: Browser) -> httpx.Response:
    return await browser.delete("/v1/me/web3_wallets/idn_x")


async def app_added(browser: Browser) -> httpx.Response:
    return await browser.post("/v1/me/totp")


async def app_removed(browser: Browser) -> httpx.Response:
    return await browser.delete("/v1/me/totp")


async def backup_codes(browser: Browser) -> httpx.Response:
    return await browser.post("/v1/me/backup_codes")


async def passkey_added(browser: Browser) -> httpx.Response:
    return await browser.post("/v1/me/passkeys")


async def passkey_removed(browser: Browser) -> httpx.Response:
    return await browser.delete("/v1/me/passkeys/passkey_x")


async def session_revoked(browser: Browser) -> httpx.Response:
    session = (await browser.get("/v1/client")).json()["response"]["sessions"][0]
    return await browser.post(f"/v1/me/sessions/{session['id']}/revoke")


async def account_deleted(browser: Browser) -> httpx.Response:
    return await browser.delete("/v1/me")


DEMANDING: list[Change] = [
    username,
    username_as_a_list,
    primary_address,
    primary_number,
    password_changed,
    password_removed,
    address_added,
    address_removed,
    number_added,
    number_removed,
    number_reserved,
    wallet_added,
    wallet_removed,
    app_added,
    app_removed,
    backup_codes,
    passkey_added,
    passkey_removed,
    session_revoked,
    account_deleted,
]


@pytest.fixture
async def ada(server: TestServer) -> Browser:
    """A user who signed up more than ten minutes ago."""
    await configure(server, FACTORS)
    browser = server.browser()
    await browser.sign_up(ADA)
    server.clock.advance(seconds=TEN_MINUTES + 1)
    return browser


async def reverify(browser: Browser) -> None:
    session = (await browser.get("/v1/client")).json()["response"]["sessions"][0]
    path = f"/v1/client/sessions/{session['id']}/verify"
    await browser.post(path, level="second_factor")
    done = await browser.post(f"{path}/attempt_first_factor", strategy="password", password=PASSWORD)
    assert done.json()["response"]["status"] == "complete", done.text


@pytest.mark.parametrize("change", DEMANDING)
async def test_old_proof_changes_nothing_and_a_new_one_lets_the_same_request_through(
    ada: Browser, change: Change
) -> None:
    before = await _own(ada)

    refused = await change(ada)

    assert error_of(refused)[:2] == DEMANDED
    assert await _own(ada) == before
    await reverify(ada)
    assert (await change(ada)).status_code != 403


@pytest.mark.parametrize("change", DEMANDING)
async def test_browser_that_has_just_signed_up_is_not_asked(server: TestServer, change: Change) -> None:
    await configure(server, FACTORS)
    browser = server.browser()
    await browser.sign_up(ADA)
    server.clock.advance(seconds=TEN_MINUTES - 60)

    assert (await change(browser)).status_code != 403


@pytest.mark.parametrize("change", DEMANDING)
async def test_signed_out_browser_is_unauthenticated(server: TestServer, change: Change) -> None:
    browser = server.browser()
    if change in (address_removed, session_revoked):
        return  # they read the user first

    assert (await change(browser)).status_code == 401


async def test_other_changes_of_the_profile_demand_nothing(ada: Browser) -> None:
    named = await ada.patch("/v1/me", first_name="Ada", last_name="Lovelace")
    described = await ada.patch("/v1/me/metadata", unsafe_metadata='{"theme": "dark"}')

    assert (named.status_code, described.status_code) == (200, 200)


async def test_version_of_the_api_is_no_way_round(ada: Browser) -> None:
    for version in ("2021-02-05", "2024-10-01", "2025-04-10", "2025-11-10"):
        asked = await ada.call(
            "POST",
            "/v1/me/email_addresses",
            {"email_address": "b@example.com"},
            query={"__clerk_api_version": version},
        )
        assert error_of(asked)[:2] == DEMANDED


@pytest.mark.parametrize("change", [password_changed, username, address_added, account_deleted])
async def test_first_factor_is_not_enough_for_a_user_with_a_second_one(
    server: TestServer, change: Change
) -> None:
    await configure(server, FACTORS)
    person = await enrolled(server)
    await reverify_first_factor(person.browser)

    assert error_of(await change(person.browser))[:2] == DEMANDED


async def reverify_first_factor(browser: Browser) -> None:
    session = (await browser.get("/v1/client")).json()["response"]["sessions"][0]
    path = f"/v1/client/sessions/{session['id']}/verify"
    await browser.post(path, level="first_factor")
    done = await browser.post(f"{path}/attempt_first_factor", strategy="password", password=PASSWORD)
    assert done.json()["response"]["status"] == "complete", done.text


async def test_current_password_does_not_replace_the_second_factor(server: TestServer) -> None:
    await configure(server, FACTORS)
    person = await enrolled(server)

    refused = await person.browser.post(
        "/v1/me/change_password", current_password=PASSWORD, new_password=NEW_PASSWORD
    )

    assert error_of(refused)[:2] == DEMANDED


async def test_current_password_is_a_proof_for_the_change_of_it(ada: Browser) -> None:
    """As browser SDKs from before reverification send it."""
    wrong = await ada.post(
        "/v1/me/change_password", current_password="not the password", new_password=NEW_PASSWORD
    )
    right = await ada.post("/v1/me/change_password", current_password=PASSWORD, new_password=NEW_PASSWORD)

    assert error_of(wrong) == (422, "form_password_incorrect", "current_password")
    assert right.status_code == 200


async def test_empty_current_password_proves_nothing(ada: Browser) -> None:
    refused = await ada.post("/v1/me/change_password", current_password="", new_password=NEW_PASSWORD)

    assert error_of(refused) == (422, "form_param_missing", "current_password")


async def test_session_by_a_sign_in_token_is_fresh_for_ten_minutes(server: TestServer) -> None:
    user = await server.backend().add_user(ADA)
    token = (await server.backend().post("/v1/sign_in_tokens", user_id=user["id"])).json()["token"]
    browser = server.browser()
    await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=token)

    fresh = await address_added(browser)
    server.clock.advance(seconds=TEN_MINUTES + 1)
    later = await browser.post("/v1/me/email_addresses", email_address="c@example.com")

    assert (fresh.status_code, error_of(later)[:2]) == (200, DEMANDED)


async def test_user_without_any_factor_is_not_locked_out_of_their_own_account(server: TestServer) -> None:
    named = {"username": {"enabled": True, "identifier": True}, "email_address": {"required": False}}
    await configure(server, {"attributes": named})
    backend = server.backend()
    user = (await backend.post("/v1/users", username="lovelace", skip_password_requirement=True)).json()
    token = (await backend.post("/v1/sign_in_tokens", user_id=user["id"])).json()["token"]
    browser = server.browser()
    await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=token)
    server.clock.advance(seconds=TEN_MINUTES + 1)

    assert (await address_added(browser)).status_code == 200


@pytest.mark.parametrize("change", DEMANDING)
async def test_impersonator_changes_nothing(server: TestServer, change: Change) -> None:
    await configure(server, FACTORS)
    user = await server.backend().add_user(ADA)
    token = await server.backend().post("/v1/actor_tokens", user_id=user["id"], actor={"sub": "user_support"})
    browser = server.browser()
    await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=token.json()["token"])

    assert error_of(await change(browser))[:2] == (403, "authorization_invalid")


async def test_environment_says_so_and_the_setting_switches_it_off(server: TestServer, ada: Browser) -> None:
    async def said() -> bool:
        return (await ada.get("/v1/environment")).json()["auth_config"]["reverification"]

    on = await said()
    await configure(server, {"attack_protection": {"reverification": False}})

    assert (on, await said()) == (True, False)
    assert (await address_added(ada)).status_code == 200
    missing = await ada.post("/v1/me/change_password", new_password=NEW_PASSWORD)
    assert error_of(missing) == (422, "form_param_missing", "current_password")


async def test_code_by_mail_is_a_proof_too(ada: Browser) -> None:
    session = (await ada.get("/v1/client")).json()["response"]["sessions"][0]
    path = f"/v1/client/sessions/{session['id']}/verify"
    factors = (await ada.post(path, level="second_factor")).json()["response"]["supported_first_factors"]
    [address] = [one["email_address_id"] for one in factors if one["strategy"] == "email_code"]
    await ada.post(f"{path}/prepare_first_factor", strategy="email_code", email_address_id=address)
    await ada.post(f"{path}/attempt_first_factor", strategy="email_code", code=TEST_CODE)

    assert (await password_changed(ada)).status_code == 200


FREE = {
    "patch_user_metadata": "it does not change how the user signs in",
    "read_token_gates": "it changes nothing",
    "create_service_token": "it changes nothing",
    "update_profile_image": "it does not change how the user signs in",
    "delete_profile_image": "it does not change how the user signs in",
    "send_verification_email": "adding the address was the change",
    "verify_email_address": "adding the address was the change",
    "send_verification_sms": "adding the number was the change",
    "verify_phone_number": "adding the number was the change",
    "prepare_web3_wallet_verification": "adding the wallet was the change",
    "attempt_web3_wallet_verification": "adding the wallet was the change",
    "patch_passkey": "it changes the name only",
    "reauthorize_external_account": "connecting the account was the change",
    "revoke_external_account_tokens": "it takes access away from the application, and none from the user",
    "attempt_passkey_verification": "beginning the registration was the change",
    "verify_totp": "creating the secret was the change",
    "attempt_trusted_device": "preparing the enrollment was the change",
    "attempt_biometric_credential": "preparing the enrollment was the change",
    "revoke_trusted_device": "it takes access away, and from a lost device it must go quickly",
    "revoke_biometric_credential": "it takes access away, and from a lost device it must go quickly",
    "accept_organization_invitation": "it is about organizations",
    "delete_organization_memberships": "it is about organizations",
    "submit_oauth_consent": "applications ask for a new sign-in by `max_age`",
}
"""Operations that change something of one's own account and demand nothing, with the reason."""


def test_every_change_of_an_account_demands_a_factor_or_has_a_reason() -> None:
    declare_operations()
    undecided = {
        operation.name
        for operation in frontend_api.operations
        if operation.path.startswith("/v1/me")
        and operation.method != "GET"
        and operation.reverification is None
    }

    assert undecided == set(FREE)
