"""Signed-in users make a phone number their second factor."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.answers import error_of
from tests.support.factors.authenticator_apps import AuthenticatorApp
from tests.support.factors.second_factor_numbers import (
    ADA,
    NUMBER,
    OTHER_NUMBER,
    attempt_by_phone,
    change,
    enter_password,
    me,
    reserved_number,
    reverify_by_phone,
    verified_number,
    with_second_factors,
)
from tests.support.server import PASSWORD, TEST_CODE, Browser, TestServer


async def test_reserved_number_is_the_second_factor_and_brings_backup_codes(ada: Browser) -> None:
    number = await reserved_number(ada)

    user = await me(ada)
    assert (number["reserved_for_second_factor"], number["default_second_factor"]) == (True, True)
    assert len(set(number["backup_codes"])) == 10
    assert (user["two_factor_enabled"], user["backup_code_enabled"]) == (True, True)
    assert user["totp_enabled"] is False
    assert user["mfa_enabled_at"] is not None
    assert user["phone_numbers"][0]["backup_codes"] is None, "they are shown once"


async def test_number_is_asked_for_after_the_password(server: TestServer, ada: Browser) -> None:
    number = await reserved_number(ada)
    browser = server.browser()

    sign_in = await enter_password(browser)
    done = (await attempt_by_phone(browser, sign_in)).json()

    offered, codes = sign_in["supported_second_factors"]
    assert sign_in["status"] == "needs_second_factor"
    assert offered == {
        "strategy": "phone_code",
        "safe_identifier": "+1********42",
        "phone_number_id": number["id"],
        "primary": True,
        "default": True,
    }
    assert codes == {"strategy": "backup_code"}
    assert done["response"]["status"] == "complete"
    assert done["response"]["second_factor_verification"]["channel"] == "sms"


async def test_codes_that_came_with_the_number_sign_in_once(server: TestServer, ada: Browser) -> None:
    code = (await reserved_number(ada))["backup_codes"][0]
    answers = []
    for _ in range(2):
        browser = server.browser()
        path = f"/v1/client/sign_ins/{(await enter_password(browser))['id']}/attempt_second_factor"
        answers.append(await browser.post(path, strategy="backup_code", code=code))

    assert [answer.status_code for answer in answers] == [200, 422]


async def test_unverified_number_is_not_made_a_second_factor(ada: Browser) -> None:
    number = (await ada.post("/v1/me/phone_numbers", phone_number=NUMBER)).json()["response"]

    reserved = await change(ada, number, reserved_for_second_factor=True)
    default = await change(ada, number, default_second_factor=True)

    for refused in (reserved, default):
        assert error_of(refused)[:2] == (400, "identification_update_second_factor_unverified")
    assert (await me(ada))["two_factor_enabled"] is False


async def test_number_that_is_added_as_a_second_factor_becomes_one_when_it_is_verified(ada: Browser) -> None:
    added = await ada.post("/v1/me/phone_numbers", phone_number=NUMBER, reserved_for_second_factor=True)
    path = f"/v1/me/phone_numbers/{added.json()['response']['id']}"
    before = await me(ada)
    await ada.post(f"{path}/prepare_verification", strategy="phone_code")

    verified = (await ada.post(f"{path}/attempt_verification", code=TEST_CODE)).json()["response"]

    assert (before["two_factor_enabled"], (await me(ada))["two_factor_enabled"]) == (False, True)
    assert (verified["reserved_for_second_factor"], verified["default_second_factor"]) == (True, True)
    assert len(verified["backup_codes"]) == 10


async def test_second_number_brings_no_codes_and_can_become_the_default(
    server: TestServer, ada: Browser
) -> None:
    first = await reserved_number(ada)
    await reverify_by_phone(ada)
    second = await verified_number(ada, OTHER_NUMBER)

    added = (await change(ada, second, reserved_for_second_factor=True)).json()["response"]
    refused = await change(ada, first, default_second_factor=False)
    chosen = (await change(ada, second, default_second_factor=True)).json()["response"]

    assert (added["backup_codes"], added["default_second_factor"]) == (None, False)
    assert error_of(refused) == (
        422,
        "form_disable_default_second_factor_not_allowed",
        "default_second_factor",
    )
    assert chosen["default_second_factor"] is True
    offered = (await enter_password(server.browser()))["supported_second_factors"]
    assert [one.get("phone_number_id") for one in offered] == [second["id"], first["id"], None]
    assert [one.get("default") for one in offered] == [True, None, None]


async def test_default_second_factor_must_be_a_second_factor(ada: Browser) -> None:
    number = await verified_number(ada)

    refused = await change(ada, number, default_second_factor=True)
    both = await change(ada, number, default_second_factor=True, reserved_for_second_factor=True)

    assert error_of(refused) == (422, "form_param_value_invalid", "default_second_factor")
    assert both.json()["response"]["default_second_factor"] is True


async def test_app_is_offered_before_the_number(server: TestServer, ada: Browser) -> None:
    secret = (await ada.post("/v1/me/totp")).json()["response"]["secret"]
    app = AuthenticatorApp(server, secret)
    await ada.post("/v1/me/totp/attempt_verification", code=app.code())
    session = (await ada.get("/v1/client")).json()["response"]["sessions"][0]
    server.clock.advance(seconds=30)
    path = f"/v1/client/sessions/{session['id']}/verify"
    await ada.post(path, level="second_factor")
    await ada.post(f"{path}/attempt_second_factor", strategy="totp", code=app.code())

    number = await reserved_number(ada)

    sign_in = await enter_password(server.browser())
    assert number["backup_codes"] is None, "they came with the app"
    assert [one["strategy"] for one in sign_in["supported_second_factors"]] == [
        "totp",
        "phone_code",
        "backup_code",
    ]


@pytest.mark.parametrize("protected", [False, True])
async def test_reserved_number_does_not_sign_in(server: TestServer, ada: Browser, protected: bool) -> None:
    await reserved_number(ada)
    await with_second_factors(server, attack_protection={"enumeration_protection": protected})
    browser = server.browser()

    by_password = await browser.post(
        "/v1/client/sign_ins", strategy="password", identifier=NUMBER, password=PASSWORD
    )
    started = await browser.post("/v1/client/sign_ins", identifier=NUMBER, strategy="phone_code")
    sign_in_id = started.json().get("response", {}).get("id")
    path = f"/v1/client/sign_ins/{sign_in_id}/attempt_first_factor"
    by_code = await browser.post(path, strategy="phone_code", code=TEST_CODE)

    assert by_password.status_code == 422
    assert by_code.status_code == (422 if protected else 401)
    assert (await browser.get("/v1/me")).status_code == 401


async def test_reserved_number_is_no_first_factor_of_a_sign_in_by_address(
    server: TestServer, ada: Browser
) -> None:
    number = await reserved_number(ada)
    browser = server.browser()
    sign_in = (await browser.post("/v1/client/sign_ins", identifier=ADA)).json()["response"]
    path = f"/v1/client/sign_ins/{sign_in['id']}"

    for strategy in ("phone_code", "reset_password_phone_code"):
        fields = {"strategy": strategy, "phone_number_id": number["id"]}
        refused = await browser.post(f"{path}/prepare_first_factor", **fields)
        assert error_of(refused)[:2] == (400, "strategy_for_user_invalid")
    assert "phone_number_id" not in {key for one in sign_in["supported_first_factors"] for key in one}


async def test_code_for_the_first_factor_does_not_count_once_the_number_is_reserved(
    server: TestServer, ada: Browser
) -> None:
    number = await verified_number(ada)
    other = await verified_number(ada, OTHER_NUMBER)
    browser = server.browser()
    started = await browser.post("/v1/client/sign_ins", identifier=NUMBER, strategy="phone_code")
    path = f"/v1/client/sign_ins/{started.json()['response']['id']}"
    await change(ada, number, reserved_for_second_factor=True)

    late = await browser.post(f"{path}/attempt_first_factor", strategy="phone_code", code=TEST_CODE)

    assert other["reserved_for_second_factor"] is False, "so the strategy is still offered"
    assert error_of(late)[:2] == (400, "verification_missing")


async def test_code_to_a_number_that_was_taken_away_is_no_second_factor(
    server: TestServer, ada: Browser
) -> None:
    first = await reserved_number(ada)
    await reverify_by_phone(ada)
    second = await verified_number(ada, OTHER_NUMBER)
    await change(ada, second, reserved_for_second_factor=True)
    browser = server.browser()
    path = f"/v1/client/sign_ins/{(await enter_password(browser))['id']}"
    await browser.post(f"{path}/prepare_second_factor", strategy="phone_code", phone_number_id=second["id"])

    assert (await ada.delete(f"/v1/me/phone_numbers/{second['id']}")).status_code == 200
    late = await browser.post(f"{path}/attempt_second_factor", strategy="phone_code", code=TEST_CODE)

    assert first["reserved_for_second_factor"] is True, "so the strategy is still offered"
    assert error_of(late)[:2] == (400, "verification_missing")


async def test_second_step_sends_nothing_to_numbers_that_are_no_second_factor(
    server: TestServer, ada: Browser
) -> None:
    await reserved_number(ada)
    await reverify_by_phone(ada)
    other = await verified_number(ada, OTHER_NUMBER)
    browser = server.browser()
    path = f"/v1/client/sign_ins/{(await enter_password(browser))['id']}/prepare_second_factor"

    refused = await browser.post(path, strategy="phone_code", phone_number_id=other["id"])

    assert error_of(refused) == (422, "form_param_value_invalid", "phone_number_id")


async def test_instance_that_switches_numbers_off_asks_for_none(server: TestServer, ada: Browser) -> None:
    await reserved_number(ada)
    await with_second_factors(server, attributes={"phone_number": {"second_factors": []}})

    assert (await enter_password(server.browser()))["status"] == "complete"


async def test_environment_says_that_numbers_are_second_factors(ada: Browser) -> None:
    environment = (await ada.get("/v1/environment")).json()

    attribute = environment["user_settings"]["attributes"]["phone_number"]
    assert environment["auth_config"]["second_factors"] == ["phone_code", "totp", "backup_code"]
    assert (attribute["used_for_second_factor"], attribute["second_factors"]) == (True, ["phone_code"])


async def test_codes_of_who_has_a_number_alone_can_be_replaced_and_checked(
    server: TestServer, ada: Browser
) -> None:
    number = await reserved_number(ada)
    await reverify_by_phone(ada)

    codes = (await ada.post("/v1/me/backup_codes")).json()["response"]["codes"]

    path = f"/v1/users/{(await me(ada))['id']}/verify_totp"
    old = await server.backend().post(path, code=number["backup_codes"][0])
    new = await server.backend().post(path, code=codes[0])
    assert error_of(old)[:2] == (422, "totp_incorrect_code")
    assert new.json() == {"verified": True, "code_type": "backup_code"}


async def test_factors_that_are_set_up_at_once_do_not_bring_two_sets_of_codes(
    server: TestServer, ada: Browser
) -> None:
    number = await verified_number(ada)
    secret = (await ada.post("/v1/me/totp")).json()["response"]["secret"]
    code = AuthenticatorApp(server, secret).code()

    answers = await asyncio.gather(
        ada.post("/v1/me/totp/attempt_verification", code=code),
        change(ada, number, reserved_for_second_factor=True),
    )

    user = await me(ada)
    brought = [answer.json()["response"]["backup_codes"] for answer in answers]
    assert [codes is None for codes in brought].count(False) == 1
    assert (user["totp_enabled"], user["backup_code_enabled"]) == (True, True)
    assert user["phone_numbers"][0]["reserved_for_second_factor"] is True


async def test_parallel_removals_and_replacements_end_in_one_state(server: TestServer, ada: Browser) -> None:
    number = await reserved_number(ada)
    await reverify_by_phone(ada)
    user_id = (await me(ada))["id"]
    backend = server.backend()

    answers = await asyncio.gather(
        ada.delete(f"/v1/me/phone_numbers/{number['id']}"),
        change(ada, number, reserved_for_second_factor=False),
        backend.delete(f"/v1/users/{user_id}/mfa"),
        backend.patch(f"/v1/users/{user_id}", primary_phone_number_id=number["id"]),
        backend.put(f"/v1/users/{user_id}/phone_number", phone_number=OTHER_NUMBER),
    )

    user = (await backend.get(f"/v1/users/{user_id}")).json()
    assert all(answer.status_code < 500 for answer in answers), [answer.text for answer in answers]
    assert (user["two_factor_enabled"], user["backup_code_enabled"]) == (False, False)
