"""Numbers that stop to be second factors, and what goes and stays with them."""

from __future__ import annotations

import pytest

from tests.support.answers import error_of
from tests.support.factors.authenticator_apps import AuthenticatorApp
from tests.support.factors.second_factor_numbers import (
    NUMBER,
    OTHER_NUMBER,
    change,
    enter_password,
    me,
    reserved_number,
    reverify_by_phone,
    verified_number,
    with_second_factors,
)
from tests.support.server import PASSWORD, Browser, TestServer


async def test_last_identifier_is_not_reserved(server: TestServer) -> None:
    await with_second_factors(server)
    attributes = {"email_address": {"required": False}, "username": {"enabled": True, "identifier": True}}
    await with_second_factors(server, attributes=attributes)
    backend, browser = server.backend(), server.browser()
    body = {"phone_number": [NUMBER], "password": PASSWORD}
    user = (await backend.post("/v1/users", **body)).json()
    await browser.sign_in(NUMBER)
    number = user["phone_numbers"][0]

    refused = await change(browser, number, reserved_for_second_factor=True)
    await backend.patch(f"/v1/users/{user['id']}", username="ada_lovelace")
    accepted = await change(browser, number, reserved_for_second_factor=True)

    assert error_of(refused)[:2] == (400, "identification_deletion_failed")
    assert accepted.status_code == 200
    assert (await enter_password(server.browser(), "ada_lovelace"))["status"] == "needs_second_factor"


async def test_reserved_number_does_not_replace_the_last_address(ada: Browser) -> None:
    await reserved_number(ada)
    await reverify_by_phone(ada)
    address = (await me(ada))["email_addresses"][0]

    refused = await ada.delete(f"/v1/me/email_addresses/{address['id']}")

    assert error_of(refused)[:2] == (400, "last_required_identification_deletion_failed")


@pytest.mark.parametrize("how", ["release", "delete"])
async def test_last_second_factor_takes_the_codes_with_it(server: TestServer, ada: Browser, how: str) -> None:
    number = await reserved_number(ada)
    path = f"/v1/me/phone_numbers/{number['id']}"
    await reverify_by_phone(ada)

    gone = (
        await ada.delete(path)
        if how == "delete"
        else await change(ada, number, reserved_for_second_factor=False)
    )

    user = await me(ada)
    assert gone.status_code == 200
    assert [user[name] for name in ("two_factor_enabled", "backup_code_enabled")] == [False, False]
    assert user["mfa_enabled_at"] < user["mfa_disabled_at"]
    assert (await enter_password(server.browser()))["status"] == "complete"


async def test_app_keeps_the_codes_when_the_number_goes_and_the_number_when_the_app_does(
    server: TestServer, ada: Browser
) -> None:
    number = await reserved_number(ada)
    await reverify_by_phone(ada)
    secret = (await ada.post("/v1/me/totp")).json()["response"]["secret"]
    await ada.post("/v1/me/totp/attempt_verification", code=AuthenticatorApp(server, secret).code())

    await change(ada, number, reserved_for_second_factor=False)
    kept_by_app = await me(ada)
    await change(ada, number, reserved_for_second_factor=True)
    await ada.delete("/v1/me/totp")
    kept_by_number = await me(ada)

    for user in (kept_by_app, kept_by_number):
        assert (user["two_factor_enabled"], user["backup_code_enabled"]) == (True, True)


async def test_another_number_becomes_the_default_when_the_default_one_goes(ada: Browser) -> None:
    first = await reserved_number(ada)
    await reverify_by_phone(ada)
    second = await verified_number(ada, OTHER_NUMBER)
    await change(ada, second, reserved_for_second_factor=True)

    await ada.delete(f"/v1/me/phone_numbers/{first['id']}")

    (left,) = (await me(ada))["phone_numbers"]
    assert (left["id"], left["default_second_factor"]) == (second["id"], True)


async def test_second_factors_change_only_after_reverification(server: TestServer, ada: Browser) -> None:
    number = await verified_number(ada)
    server.clock.advance(seconds=601)

    stale = await change(ada, number, reserved_for_second_factor=True)
    added = await ada.post("/v1/me/phone_numbers", phone_number=OTHER_NUMBER, reserved_for_second_factor=True)

    for refused in (stale, added):
        assert error_of(refused)[:2] == (403, "session_reverification_required")


async def test_second_factor_is_removed_only_by_who_has_just_verified_it(ada: Browser) -> None:
    number = await reserved_number(ada)
    path = f"/v1/me/phone_numbers/{number['id']}"

    released = await change(ada, number, reserved_for_second_factor=False)
    deleted = await ada.delete(path)

    for refused in (released, deleted):
        assert error_of(refused)[:2] == (403, "session_reverification_required")
    assert (await me(ada))["two_factor_enabled"] is True
