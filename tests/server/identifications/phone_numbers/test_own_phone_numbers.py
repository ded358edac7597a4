"""A user's own phone numbers, as browsers see them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.identifications.phone_numbers.numbers import (
    GERMAN_NUMBER,
    OTHER_TEST_NUMBER,
    REAL_NUMBER,
    TEST_NUMBER,
    code_sent_to,
    with_phone_numbers,
)
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import TEST_CODE, Browser, TestServer


@pytest.fixture
async def ada(server: TestServer) -> Browser:
    """Signed in, without a number."""
    await with_phone_numbers(server)
    browser = server.browser()
    await browser.sign_up("ada+clerk_test@example.com")
    return browser


async def add(browser: Browser, number: str = TEST_NUMBER) -> dict[str, Any]:
    response = await browser.post("/v1/me/phone_numbers", phone_number=number)
    assert response.status_code == 200, response.text
    return response.json()["response"]


async def prepare(browser: Browser, number: dict[str, Any], **fields: Any) -> Any:
    fields = {"strategy": "phone_code"} | fields
    return await browser.post(f"/v1/me/phone_numbers/{number['id']}/prepare_verification", **fields)


async def verify(browser: Browser, number: dict[str, Any], code: str = TEST_CODE) -> Any:
    prepared = await prepare(browser, number)
    assert prepared.status_code == 200, prepared.text
    return await browser.post(f"/v1/me/phone_numbers/{number['id']}/attempt_verification", code=code)


async def test_new_number_is_not_verified(ada: Browser) -> None:
    number = await add(ada)

    assert (number["phone_number"], number["verification"]) == (TEST_NUMBER, None)
    assert [one["id"] for one in (await ada.get("/v1/me/phone_numbers")).json()] == [number["id"]]
    shown = await ada.get(f"/v1/me/phone_numbers/{number['id']}")
    assert shown.json()["response"] == number


async def test_code_verifies_it_and_the_first_becomes_primary(ada: Browser) -> None:
    answer = (await verify(ada, await add(ada))).json()

    assert answer["response"]["verification"]["status"] == "verified"
    user = answer["client"]["sessions"][0]["user"]
    assert user["primary_phone_number_id"] == answer["response"]["id"]
    assert user["phone_numbers"] == [answer["response"]]


async def test_code_comes_by_text_message_and_is_not_the_test_code(server: TestServer, ada: Browser) -> None:
    number = await add(ada, REAL_NUMBER)
    prepared = await prepare(ada, number)
    assert prepared.json()["response"]["verification"]["channel"] == "sms"

    (message,) = await server.messages(REAL_NUMBER)
    assert (message["kind"], message["channel"], message["html"]) == ("verification_code", "sms", "")
    path = f"/v1/me/phone_numbers/{number['id']}/attempt_verification"
    assert error_of(await ada.post(path, code=TEST_CODE))[:2] == (422, "form_code_incorrect")
    verified = await ada.post(path, code=await code_sent_to(server, REAL_NUMBER))
    assert verified.json()["response"]["verification"]["status"] == "verified"


async def test_nothing_is_sent_to_test_numbers(server: TestServer, ada: Browser) -> None:
    await verify(ada, await add(ada))

    assert await server.messages(TEST_NUMBER) == []


@pytest.mark.parametrize(
    "text", ["(202) 555-0243", "+1 202.555.0243", "".join(chr(ord(digit) + 0xFEE0) for digit in "2025550243")]
)
async def test_number_is_stored_in_e164_however_it_is_written(ada: Browser, text: str) -> None:
    assert (await add(ada, text))["phone_number"] == REAL_NUMBER


async def test_default_region_says_where_short_numbers_are_from(server: TestServer, ada: Browser) -> None:
    rules = {"default_region": "DE", "countries": ["DE"]}
    await configure(server, {"phone_numbers": rules})

    assert (await add(ada, "01511 2345678"))["phone_number"] == GERMAN_NUMBER


@pytest.mark.parametrize("text", ["hello", "12", "+1", "+19995550243", "x" * 500, "+1 202 555 0243 ext. 5"])
async def test_what_is_no_number_is_refused(ada: Browser, text: str) -> None:
    response = await ada.post("/v1/me/phone_numbers", phone_number=text)

    assert error_of(response) == (422, "form_param_format_invalid", "phone_number")


async def test_number_of_a_country_that_is_not_allowed_is_refused(ada: Browser) -> None:
    response = await ada.post("/v1/me/phone_numbers", phone_number=GERMAN_NUMBER)

    assert error_of(response)[:2] == (403, "unsupported_country_code")


async def test_country_that_was_taken_from_the_list_gets_no_more_messages(
    server: TestServer, ada: Browser
) -> None:
    await configure(server, {"phone_numbers": {"countries": ["DE"]}})
    number = await add(ada, GERMAN_NUMBER)
    await configure(server, {"phone_numbers": {"countries": ["US"]}})

    assert error_of(await prepare(ada, number))[:2] == (403, "unsupported_country_code")
    assert await server.messages(GERMAN_NUMBER) == []


async def test_premium_numbers_of_no_country_get_no_message(ada: Browser) -> None:
    response = await ada.post("/v1/me/phone_numbers", phone_number="+882161234567")

    assert response.status_code in (403, 422)


async def test_number_of_another_user_cannot_be_added(server: TestServer, ada: Browser) -> None:
    eve = server.browser()
    await eve.sign_up("eve+clerk_test@example.com")
    await verify(eve, await add(eve))

    response = await ada.post("/v1/me/phone_numbers", phone_number=TEST_NUMBER)

    assert error_of(response) == (422, "form_identifier_exists", "phone_number")


async def test_number_of_another_user_cannot_be_read_or_changed(server: TestServer, ada: Browser) -> None:
    number = await add(ada)
    eve = server.browser()
    await eve.sign_up("eve+clerk_test@example.com")
    path = f"/v1/me/phone_numbers/{number['id']}"

    answers = [
        await eve.get(path),
        await eve.patch(path),
        await eve.delete(path),
        await prepare(eve, number),
        await eve.post(f"{path}/attempt_verification", code=TEST_CODE),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5


async def test_other_channel_than_sms_is_refused(ada: Browser) -> None:
    response = await prepare(ada, await add(ada), channel="pigeon")

    assert error_of(response) == (422, "form_param_value_invalid", "channel")


async def test_deleted_number_is_gone_and_another_becomes_primary(ada: Browser) -> None:
    first, second = await add(ada), await add(ada, OTHER_TEST_NUMBER)
    await verify(ada, first)
    await verify(ada, second)

    deleted = await ada.delete(f"/v1/me/phone_numbers/{first['id']}")

    assert deleted.json()["response"]["deleted"] is True
    user = deleted.json()["client"]["sessions"][0]["user"]
    assert user["primary_phone_number_id"] == second["id"]


async def test_second_factor_is_refused_by_name(ada: Browser) -> None:
    number = await add(ada)
    path = f"/v1/me/phone_numbers/{number['id']}"

    refused = await ada.patch(path, reserved_for_second_factor="true")
    assert error_of(refused) == (422, "form_param_unknown", "reserved_for_second_factor")
    refused = await ada.patch(path, default_second_factor="false")
    assert error_of(refused)[1] == "form_disable_default_second_factor_not_allowed"
    kept = await ada.patch(path, reserved_for_second_factor="false")
    assert kept.json()["response"]["reserved_for_second_factor"] is False


async def test_without_phone_numbers_none_can_be_added(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up()

    response = await browser.post("/v1/me/phone_numbers", phone_number=TEST_NUMBER)

    assert error_of(response) == (422, "form_param_unknown", "phone_number")


async def test_signed_out_nothing_is_told(server: TestServer) -> None:
    assert (await server.browser().get("/v1/me/phone_numbers")).status_code == 401


async def test_number_that_cannot_sign_in_does_not_replace_the_last_address(
    server: TestServer, ada: Browser
) -> None:
    await verify(ada, await add(ada))
    user = (await ada.get("/v1/me")).json()["response"]
    path = f"/v1/me/email_addresses/{user['primary_email_address_id']}"
    number = f"/v1/me/phone_numbers/{user['primary_phone_number_id']}"
    await configure(server, {"attributes": {"phone_number": {"identifier": False}}})

    refused = await ada.delete(path)
    removed = await ada.delete(number)

    assert error_of(refused)[0] == 400
    assert removed.status_code == 200
