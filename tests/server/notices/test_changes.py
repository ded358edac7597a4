"""Users are notified by mail about changes of how they sign in, by a browser or by a backend."""

from __future__ import annotations

import pytest

from tests.server.notices.people import ADA, SECOND, add_address, kinds, link_in, notice, signed_in
from tests.support.configuring import configure
from tests.support.factors.authenticator_apps import SECOND_FACTORS, AuthenticatorApp
from tests.support.factors.second_factor_numbers import (
    OTHER_NUMBER,
    change,
    given_number,
    reverify_by_phone,
    with_second_factors,
)
from tests.support.server import PASSWORD, TEST_CODE, TestServer

NEW_PASSWORD = "another horse battery staple"


async def test_sign_in_on_a_new_device_is_notified_and_the_first_one_is_not(server: TestServer) -> None:
    await signed_in(server)
    before = await kinds(server)

    await server.browser().sign_in(ADA)

    message = await notice(server)
    assert (before, await kinds(server)) == ([], ["new_device"])
    assert message["subject"] == "New sign-in to your account (My application)"
    assert "Chrome on Linux, 192.0.2.7" in message["text"]


async def test_known_device_is_not_notified(server: TestServer) -> None:
    browser = await signed_in(server)
    session = (await browser.get("/v1/client")).json()["response"]["sessions"][0]
    await browser.post(f"/v1/client/sessions/{session['id']}/remove")

    await browser.sign_in(ADA)

    assert await kinds(server) == []


async def test_sign_up_is_no_change(server: TestServer) -> None:
    browser = server.browser()
    begun = await browser.begin_sign_up(ADA)
    code = (await notice(server))["code"]
    path = f"/v1/client/sign_ups/{begun['id']}/attempt_verification"
    done = await browser.post(path, strategy="email_code", code=code)

    assert done.json()["response"]["status"] == "complete"
    assert await kinds(server) == []


async def test_failed_sign_in_is_no_change(server: TestServer) -> None:
    await signed_in(server)

    await server.browser().post(
        "/v1/client/sign_ins", strategy="password", identifier=ADA, password="wrong password"
    )

    assert await kinds(server) == []


async def test_impersonator_is_no_new_device(server: TestServer) -> None:
    browser = await signed_in(server)
    user = (await browser.get("/v1/me")).json()["response"]
    token = await server.backend().post("/v1/actor_tokens", user_id=user["id"], actor={"sub": "user_support"})

    await server.browser().post("/v1/client/sign_ins", strategy="ticket", ticket=token.json()["token"])

    assert await kinds(server) == []


async def test_changed_password_is_notified_with_a_link_and_without_the_password(server: TestServer) -> None:
    browser = await signed_in(server)

    await browser.post("/v1/me/change_password", new_password=NEW_PASSWORD)

    message = await notice(server)
    assert await kinds(server) == ["password_changed"]
    assert link_in(message)
    assert NEW_PASSWORD not in str(message)
    assert PASSWORD not in str(message)


async def test_removed_password_is_notified(server: TestServer) -> None:
    await configure(server, {"attributes": {"password": {"required": False}}})
    browser = await signed_in(server)

    await browser.post("/v1/me/remove_password", current_password=PASSWORD)

    assert await kinds(server) == ["password_removed"]


async def test_password_of_a_user_without_one_is_notified(server: TestServer) -> None:
    user = await server.backend().add_user(ADA)

    await server.backend().patch(f"/v1/users/{user['id']}", password=NEW_PASSWORD)

    assert await kinds(server) == ["password_changed"]


async def test_change_by_the_backend_is_notified_without_a_link(server: TestServer) -> None:
    browser = await signed_in(server)
    user = (await browser.get("/v1/me")).json()["response"]

    await server.backend().patch(f"/v1/users/{user['id']}", password=NEW_PASSWORD)

    message = await notice(server)
    assert message["kind"] == "password_changed"
    assert "/end-session" not in message["text"] + message["html"]
    assert "contact My application" in message["text"]


async def test_reset_password_is_notified(server: TestServer) -> None:
    await signed_in(server)
    browser = server.browser()
    strategy = "reset_password_email_code"
    started = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy=strategy)
    path = f"/v1/client/sign_ins/{started.json()['response']['id']}"
    code = (await notice(server))["code"]
    await browser.post(f"{path}/attempt_first_factor", strategy=strategy, code=code)
    done = await browser.post(f"{path}/reset_password", password=NEW_PASSWORD)

    assert done.json()["response"]["status"] == "complete"
    assert set(await kinds(server)) == {"password_changed", "new_device"}


async def test_other_changes_of_a_user_are_not_notified(server: TestServer) -> None:
    browser = await signed_in(server)

    await browser.patch("/v1/me", first_name="Ada")
    await browser.patch("/v1/me/metadata", unsafe_metadata='{"theme": "dark"}')

    assert await kinds(server) == []


async def test_added_address_is_notified_to_the_primary_one_when_it_is_verified(server: TestServer) -> None:
    browser = await signed_in(server)
    await browser.post("/v1/me/email_addresses", email_address="third@example.com")
    unverified = await kinds(server)

    await add_address(server, browser)

    assert (unverified, await kinds(server)) == ([], ["identification_added"])
    assert await kinds(server, SECOND) == []
    assert "email address s***d@example.com" in (await notice(server))["text"]


async def test_former_primary_address_and_removed_one_are_notified_themselves(server: TestServer) -> None:
    """An attacker who replaces the address cannot keep its owner from learning of it."""
    browser = await signed_in(server)
    first = (await browser.get("/v1/me")).json()["response"]["primary_email_address_id"]
    second = await add_address(server, browser)

    await browser.patch("/v1/me", primary_email_address_id=second)
    await browser.delete(f"/v1/me/email_addresses/{first}")

    assert await kinds(server) == ["identification_added", "primary_changed", "identification_removed"]
    assert await kinds(server, SECOND) == ["identification_removed"]


async def test_unverified_address_is_removed_without_a_notice(server: TestServer) -> None:
    browser = await signed_in(server)
    added = await browser.post("/v1/me/email_addresses", email_address=SECOND)

    await browser.delete(f"/v1/me/email_addresses/{added.json()['response']['id']}")

    assert (await kinds(server), await kinds(server, SECOND)) == ([], [])


async def test_address_that_a_backend_adds_or_removes_is_notified(server: TestServer) -> None:
    backend = server.backend()
    user = await backend.add_user(ADA)
    added = await backend.post("/v1/email_addresses", user_id=user["id"], email_address=SECOND, verified=True)
    await backend.delete(f"/v1/email_addresses/{added.json()['id']}")

    assert await kinds(server) == ["identification_added", "identification_removed"]


async def test_backend_decides_itself_whether_a_former_primary_address_is_notified(
    server: TestServer,
) -> None:
    """Contract: no notice by default."""
    backend = server.backend()
    user = await backend.add_user(ADA)
    await backend.post(
        "/v1/email_addresses", user_id=user["id"], email_address=SECOND, verified=True, primary=True
    )

    assert "primary_changed" not in await kinds(server)


async def test_added_number_is_notified_by_mail(server: TestServer) -> None:
    await configure(
        server, {"attributes": {"phone_number": {"enabled": True, "verifications": ["phone_code"]}}}
    )
    browser = await signed_in(server)
    number = (await browser.post("/v1/me/phone_numbers", phone_number="+12015550100")).json()["response"]
    path = f"/v1/me/phone_numbers/{number['id']}"
    await browser.post(f"{path}/prepare_verification", strategy="phone_code")
    verified = await browser.post(f"{path}/attempt_verification", code=TEST_CODE)
    assert verified.status_code == 200, verified.text
    await browser.delete(path)

    assert await kinds(server) == ["identification_added", "identification_removed"]
    assert "+12015550100" not in str(await server.messages(ADA))


async def test_second_factors_are_notified(server: TestServer) -> None:
    await configure(server, SECOND_FACTORS)
    browser = await signed_in(server)
    secret = (await browser.post("/v1/me/totp")).json()["response"]["secret"]
    code = AuthenticatorApp(server, secret).code()
    created = await browser.post("/v1/me/totp/attempt_verification", code=code)
    user = (await browser.get("/v1/me")).json()["response"]
    await server.backend().delete(f"/v1/users/{user['id']}/mfa")

    assert await kinds(server) == ["second_factor_added", "second_factor_removed"]
    sent = str(await server.messages(ADA))
    assert secret not in sent
    assert not any(one in sent for one in created.json()["response"]["backup_codes"])


async def test_each_number_that_becomes_a_second_factor_is_notified_once(server: TestServer) -> None:
    await with_second_factors(server)
    browser = await signed_in(server)
    user = (await browser.get("/v1/me")).json()["response"]
    first = await given_number(server.backend(), user["id"])
    second = await given_number(server.backend(), user["id"], OTHER_NUMBER)
    before = len(await kinds(server))

    await change(browser, first, reserved_for_second_factor=True)
    await reverify_by_phone(browser)
    await change(browser, second, reserved_for_second_factor=True)
    await change(browser, first, reserved_for_second_factor=False)

    added, removed = "second_factor_added", "second_factor_removed"
    assert (await kinds(server))[before:] == [added, added, removed]


async def test_deleted_account_gets_no_notice_of_its_changes(server: TestServer) -> None:
    browser = await signed_in(server)

    await browser.delete("/v1/me")

    assert await kinds(server) == []


@pytest.mark.parametrize(
    ("setting", "kind"), [("new_device", "new_device"), ("password", "password_changed")]
)
async def test_each_kind_can_be_switched_off(server: TestServer, setting: str, kind: str) -> None:
    await configure(server, {"notices": {setting: False}})
    await signed_in(server)
    other = server.browser()
    await other.sign_in(ADA)
    await other.post("/v1/me/change_password", new_password=NEW_PASSWORD)

    assert await kinds(server) == [one for one in ("new_device", "password_changed") if one != kind]


async def test_notice_of_a_change_that_is_refused_is_not_sent(server: TestServer) -> None:
    browser = await signed_in(server)

    refused = await browser.post("/v1/me/change_password", new_password="short")

    assert refused.status_code == 422
    assert await kinds(server) == []
