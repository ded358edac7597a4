"""Signing up and in with a phone number and a code."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.identifications.phone_numbers.numbers import (
    ATTRIBUTE,
    GERMAN_NUMBER,
    REAL_NUMBER,
    TEST_NUMBER,
    code_sent_to,
    with_phone_numbers,
)
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, TEST_CODE, Browser, TestServer

ONLY_NUMBERS: dict[str, Any] = {
    "attributes": {
        "phone_number": ATTRIBUTE | {"required": True},
        "email_address": {"required": False},
        "password": {"required": False},
    }
}


@pytest.fixture
async def visitor(server: TestServer) -> Browser:
    """A browser at an instance whose users need a number and nothing else."""
    await configure(server, ONLY_NUMBERS)
    return server.browser()


async def sign_up(browser: Browser, number: str = TEST_NUMBER, code: str = TEST_CODE) -> Any:
    created = await browser.post("/v1/client/sign_ups", phone_number=number, strategy="phone_code")
    assert created.status_code == 200, created.text
    path = f"/v1/client/sign_ups/{created.json()['response']['id']}/attempt_verification"
    return await browser.post(path, strategy="phone_code", code=code)


async def test_number_and_code_make_an_account(visitor: Browser) -> None:
    created = (await visitor.post("/v1/client/sign_ups", phone_number=TEST_NUMBER)).json()["response"]
    assert (created["missing_fields"], created["unverified_fields"]) == ([], ["phone_number"])
    path = f"/v1/client/sign_ups/{created['id']}"
    prepared = (await visitor.post(f"{path}/prepare_verification", strategy="phone_code")).json()["response"]
    assert prepared["verifications"]["phone_number"]["next_action"] == "needs_attempt"

    done = await visitor.post(f"{path}/attempt_verification", strategy="phone_code", code=TEST_CODE)

    assert done.json()["response"]["status"] == "complete"
    user = done.json()["client"]["sessions"][0]["user"]
    assert [one["phone_number"] for one in user["phone_numbers"]] == [TEST_NUMBER]
    assert user["primary_phone_number_id"] == user["phone_numbers"][0]["id"]


async def test_required_number_is_missing_until_it_is_given(server: TestServer) -> None:
    await configure(server, {"attributes": {"phone_number": ATTRIBUTE | {"required": True}}})
    browser = server.browser()

    created = await browser.post(
        "/v1/client/sign_ups", email_address="ada+clerk_test@example.com", password=PASSWORD
    )

    assert created.json()["response"]["missing_fields"] == ["phone_number"]


async def test_number_and_code_sign_in(server: TestServer, visitor: Browser) -> None:
    await sign_up(visitor)
    browser = server.browser()
    begun = (await browser.post("/v1/client/sign_ins", identifier="+1 (201) 555-0142")).json()["response"]
    (factor,) = [one for one in begun["supported_first_factors"] if one["strategy"] == "phone_code"]
    assert factor["safe_identifier"] == TEST_NUMBER
    path = f"/v1/client/sign_ins/{begun['id']}"
    await browser.post(
        f"{path}/prepare_first_factor", strategy="phone_code", phone_number_id=factor["phone_number_id"]
    )

    done = await browser.post(f"{path}/attempt_first_factor", strategy="phone_code", code=TEST_CODE)

    assert done.json()["response"]["status"] == "complete"


async def test_sign_in_prepares_at_once_by_the_number_that_was_entered(
    server: TestServer, visitor: Browser
) -> None:
    await sign_up(visitor)
    browser = server.browser()

    begun = await browser.post(
        "/v1/client/sign_ins", identifier=TEST_NUMBER, strategy="phone_code", channel="sms"
    )

    verification = begun.json()["response"]["first_factor_verification"]
    assert (verification["strategy"], verification["channel"]) == ("phone_code", "sms")


async def test_number_is_masked_for_who_entered_another_identifier(server: TestServer) -> None:
    await with_phone_numbers(server)
    backend = server.backend()
    await backend.create_user("ada@example.com", phone_number=[TEST_NUMBER])

    begun = await server.browser().post("/v1/client/sign_ins", identifier="ada@example.com")

    shown = {one["strategy"]: one for one in begun.json()["response"]["supported_first_factors"]}
    assert shown["phone_code"]["safe_identifier"] == "+1********42"
    assert TEST_NUMBER not in begun.text


async def test_unknown_number_is_told(visitor: Browser) -> None:
    response = await visitor.post("/v1/client/sign_ins", identifier=TEST_NUMBER)

    assert error_of(response) == (422, "form_identifier_not_found", "identifier")


async def test_unverified_number_does_not_sign_in(server: TestServer) -> None:
    await with_phone_numbers(server)
    backend = server.backend()
    ada = await backend.add_user("ada@example.com")
    await backend.post("/v1/phone_numbers", user_id=ada["id"], phone_number=TEST_NUMBER)

    response = await server.browser().post("/v1/client/sign_ins", identifier=TEST_NUMBER)

    assert error_of(response)[1] == "form_identifier_not_found"


async def test_code_of_one_number_does_not_prove_another(server: TestServer, visitor: Browser) -> None:
    created = await visitor.post("/v1/client/sign_ups", phone_number=REAL_NUMBER, strategy="phone_code")
    path = f"/v1/client/sign_ups/{created.json()['response']['id']}"
    code = await code_sent_to(server, REAL_NUMBER)
    await visitor.patch(path, phone_number="+12025550244")

    response = await visitor.post(f"{path}/attempt_verification", strategy="phone_code", code=code)

    assert error_of(response)[:2] == (400, "verification_missing")


async def test_sign_up_with_a_number_of_another_country_is_refused(
    server: TestServer, visitor: Browser
) -> None:
    response = await visitor.post("/v1/client/sign_ups", phone_number=GERMAN_NUMBER, strategy="phone_code")

    assert error_of(response)[:2] == (403, "unsupported_country_code")
    assert await server.messages(GERMAN_NUMBER) == []


async def test_enumeration_protection_shows_the_same_for_unknown_numbers(
    server: TestServer, visitor: Browser
) -> None:
    await sign_up(visitor)
    await configure(server, {"attack_protection": {"enumeration_protection": True}})

    async def factors_of(number: str) -> list[dict[str, Any]]:
        begun = await server.browser().post("/v1/client/sign_ins", identifier=number)
        found = begun.json()["response"]["supported_first_factors"]
        return [{**one, "phone_number_id": "", "safe_identifier": ""} for one in found]

    assert await factors_of(TEST_NUMBER) == await factors_of("+12015550143")


async def test_owner_of_a_taken_number_is_told_under_enumeration_protection(
    server: TestServer, visitor: Browser
) -> None:
    await server.backend().post(
        "/v1/users", phone_number=[REAL_NUMBER], skip_user_requirement=True, skip_password_requirement=True
    )
    await configure(server, {"attack_protection": {"enumeration_protection": True}})

    created = await visitor.post("/v1/client/sign_ups", phone_number=REAL_NUMBER, strategy="phone_code")

    assert created.status_code == 200
    (message,) = await server.messages(REAL_NUMBER)
    assert (message["kind"], message["code"]) == ("account_exists", None)


async def test_environment_says_what_numbers_are_used_for(server: TestServer) -> None:
    await with_phone_numbers(server)

    shown = (await server.browser().get("/v1/environment")).json()

    attribute = shown["user_settings"]["attributes"]["phone_number"]
    assert attribute["enabled"] is True
    assert attribute["used_for_first_factor"] is True
    assert attribute["first_factors"] == ["phone_code"]
    assert "phone_code" in shown["auth_config"]["first_factors"]
    assert "phone_number" in shown["auth_config"]["identification_strategies"]


async def test_test_numbers_need_a_real_code_where_test_mode_is_off(server: TestServer) -> None:
    await with_phone_numbers(server, test_mode=False)
    browser = server.browser()

    response = await browser.post("/v1/client/sign_ups", phone_number="+12015550142", strategy="phone_code")

    path = f"/v1/client/sign_ups/{response.json()['response']['id']}/attempt_verification"
    wrong = await browser.post(path, strategy="phone_code", code=TEST_CODE)
    assert error_of(wrong)[1] == "form_code_incorrect"
