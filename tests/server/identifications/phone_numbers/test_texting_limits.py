"""Text messages cost money: a number, a country, a network address and a development instance have only so
many, and a code is not sent again at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from greffier.server.settings import SmsWebhook
from tests.server.delivery.sms.conftest import Provider, provider
from tests.server.delivery.sms.test_sms_senders import SECRET
from tests.server.identifications.phone_numbers.numbers import (
    GERMAN_NUMBER,
    REAL_NUMBER,
    TEST_NUMBER,
    code_sent_to,
    with_phone_numbers,
)
from tests.support.answers import error_of
from tests.support.server import DEVELOPMENT, PRODUCTION, TEST_CODE, Browser, TestServer, running

__all__ = ["provider"]

FRENCH_NUMBERS = [f"+3361234{n:04}" for n in range(25)]


def application(server: TestServer) -> Browser:
    """A browser of a person at an application in production."""
    return server.browser(origin="https://example.com", base_url="https://clerk.example.com")


async def ask(browser: Browser, number: str = REAL_NUMBER, **fields: str) -> Any:
    fields = {"strategy": "phone_code"} | fields
    return await browser.post("/v1/client/sign_ups", phone_number=number, **fields)


async def ask_again(browser: Browser, begun: Any, **fields: str) -> Any:
    path = f"/v1/client/sign_ups/{begun.json()['response']['id']}/prepare_verification"
    return await browser.post(path, strategy="phone_code", **fields)


async def attempt(browser: Browser, begun: Any, code: str = "000000") -> Any:
    path = f"/v1/client/sign_ups/{begun.json()['response']['id']}/attempt_verification"
    return await browser.post(path, strategy="phone_code", code=code)


@pytest.fixture
async def limited(production_database: str) -> AsyncIterator[TestServer]:
    """A production server with its true limits and the two countries of the defaults."""
    async with running(production_database, PRODUCTION, rate_limit_scale=1.0, show_inbox=False) as server:
        await with_phone_numbers(server, phone_numbers={"countries": ["US", "FR"]})
        yield server


async def test_code_is_not_sent_again_within_thirty_seconds(server: TestServer) -> None:
    await with_phone_numbers(server)
    browser = server.browser()
    begun = await ask(browser)
    server.clock.advance(seconds=20)

    early = await ask_again(browser, begun)
    server.clock.advance(seconds=10)
    late = await ask_again(browser, begun)

    assert error_of(early)[:2] == (429, "verification_code_too_many_requests")
    assert 1 <= int(early.headers["retry-after"]) <= 10
    assert late.status_code == 200
    assert len(await server.messages(REAL_NUMBER)) == 2


async def test_code_that_was_sent_stays_good_after_another_was_refused(server: TestServer) -> None:
    await with_phone_numbers(server)
    browser = server.browser()
    begun = await ask(browser)
    await ask_again(browser, begun)

    done = await attempt(browser, begun, await code_sent_to(server, REAL_NUMBER))

    assert done.json()["response"]["verifications"]["phone_number"]["status"] == "verified"


async def test_sign_in_does_not_send_again_at_once_and_hidden_accounts_neither(server: TestServer) -> None:
    await with_phone_numbers(server)
    await server.backend().add_user("ada@example.com", phone_number=[REAL_NUMBER])
    for hidden in (False, True):
        await with_phone_numbers(server, attack_protection={"enumeration_protection": hidden})
        for number in (REAL_NUMBER, "+12025550244")[: 1 + hidden]:
            browser = server.browser()
            begun = await browser.post("/v1/client/sign_ins", identifier=number, strategy="phone_code")
            sign_in = begun.json()["response"]
            (factor,) = [f for f in sign_in["supported_first_factors"] if f["strategy"] == "phone_code"]
            path = f"/v1/client/sign_ins/{sign_in['id']}/prepare_first_factor"
            again = await browser.post(path, strategy="phone_code", phone_number_id=factor["phone_number_id"])
            assert error_of(again)[:2] == (429, "verification_code_too_many_requests")


async def test_own_number_is_not_sent_a_code_again_at_once(server: TestServer) -> None:
    await with_phone_numbers(server)
    browser = server.browser()
    await browser.sign_up()
    added = await browser.post("/v1/me/phone_numbers", phone_number=REAL_NUMBER)
    path = f"/v1/me/phone_numbers/{added.json()['response']['id']}/prepare_verification"

    answers = [await browser.post(path, strategy="phone_code") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 429]


async def test_test_number_takes_its_code_again_at_once(server: TestServer) -> None:
    await with_phone_numbers(server)
    browser = server.browser()
    begun = await ask(browser, TEST_NUMBER)

    again = await ask_again(browser, begun)
    done = await attempt(browser, begun, TEST_CODE)

    assert again.status_code == 200
    assert done.json()["response"]["verifications"]["phone_number"]["status"] == "verified"


async def test_other_channel_is_not_kept_waiting(server: TestServer) -> None:
    await with_phone_numbers(server, phone_numbers={"channels": ["sms", "whatsapp"]})
    browser = server.browser()
    begun = await ask(browser, channel="whatsapp")

    by_sms = await ask_again(browser, begun)
    by_whatsapp = await ask_again(browser, begun, channel="whatsapp")

    assert by_sms.json()["response"]["verifications"]["phone_number"]["channel"] == "sms"
    assert by_whatsapp.status_code == 200  # the SMS replaced the first message


async def test_one_number_is_not_flooded(limited: TestServer) -> None:
    statuses: list[int] = []
    for _ in range(7):
        statuses.append((await ask(application(limited))).status_code)
        limited.clock.advance(seconds=60)

    assert statuses == [200] * 5 + [429] * 2


async def test_one_number_has_so_many_in_a_day(limited: TestServer) -> None:
    statuses: list[int] = []
    for _ in range(21):
        statuses.append((await ask(application(limited))).status_code)
        limited.clock.advance(seconds=20 * 60)
    limited.clock.advance(seconds=24 * 3600)
    tomorrow = await ask(application(limited))

    assert statuses == [200] * 20 + [429]
    assert tomorrow.status_code == 200


async def test_one_country_has_so_many_in_an_hour_and_others_have_their_own(limited: TestServer) -> None:
    rules = {"countries": ["US", "FR"], "messages_per_country": 3}
    await with_phone_numbers(limited, phone_numbers=rules)

    french: list[int] = []
    for number in FRENCH_NUMBERS[:4]:
        limited.clock.advance(seconds=10)
        french.append((await ask(application(limited), number)).status_code)
    american = await ask(application(limited))
    limited.clock.advance(seconds=3600)
    later = await ask(application(limited), FRENCH_NUMBERS[9])

    assert french == [200] * 3 + [429]
    assert american.status_code == 200
    assert later.status_code == 200


async def test_one_address_cannot_use_up_the_messages_of_a_country(limited: TestServer) -> None:
    statuses: list[int] = []
    for n in range(21):
        limited.clock.advance(seconds=20)
        statuses.append((await ask(application(limited), f"+1202555{1000 + n}")).status_code)

    assert statuses == [200] * 20 + [429]


@pytest.fixture
async def delivering(development_database: str, provider: Provider) -> AsyncIterator[TestServer]:
    """A development server that really sends text messages."""
    sms = SmsWebhook(provider.url, SECRET)
    async with running(development_database, DEVELOPMENT, sms=sms) as server:
        await with_phone_numbers(server, phone_numbers={"countries": ["US", "FR"]})
        yield server


async def test_development_instance_sends_twenty_messages_abroad_in_a_month(delivering: TestServer) -> None:
    answers = [await ask(delivering.browser(), number) for number in FRENCH_NUMBERS[:21]]
    american = await ask(delivering.browser())
    test = await ask(delivering.browser(), TEST_NUMBER)
    delivering.clock.advance(seconds=31 * 24 * 3600)
    next_month = await ask(delivering.browser(), FRENCH_NUMBERS[22])

    assert [answer.status_code for answer in answers] == [200] * 20 + [400]
    assert error_of(answers[-1])[1] == "dev_monthly_sms_limit_exceeded"
    assert [one.status_code for one in (american, test, next_month)] == [200] * 3


async def test_messages_that_only_the_inbox_shows_are_not_counted(server: TestServer) -> None:
    await with_phone_numbers(server, phone_numbers={"countries": ["FR"]})

    answers = [await ask(server.browser(), number) for number in FRENCH_NUMBERS[:21]]

    assert {answer.status_code for answer in answers} == {200}


async def test_code_is_not_attempted_before_its_message_is_sent(limited: TestServer) -> None:
    """Nothing sends here, so the message waits."""
    browser = application(limited)
    begun = await ask(browser)

    early = await attempt(browser, begun)

    verification = (await browser.get(f"/v1/client/sign_ups/{begun.json()['response']['id']}")).json()
    assert error_of(early) == (422, "sms_verification_not_yet_sent", "code")
    assert verification["response"]["verifications"]["phone_number"]["attempts"] == 0


async def test_code_of_a_message_that_the_provider_refuses_is_reported_and_sent_again_at_once(
    production_database: str, provider: Provider
) -> None:
    provider.answer = (400, b"")
    sms = SmsWebhook(provider.url, SECRET)
    async with running(production_database, PRODUCTION, sms=sms, show_inbox=False) as server:
        await with_phone_numbers(server)
        browser = application(server)
        begun = await ask(browser)
        codes: list[str] = []
        async with asyncio.timeout(10):
            while "sms_send_error" not in codes:
                codes.append(error_of(await attempt(browser, begun))[1])
                await asyncio.sleep(0.01)
        provider.answer = (200, b"")
        again = await ask_again(browser, begun)

    assert set(codes) <= {"sms_verification_not_yet_sent", "sms_send_error"}
    assert again.status_code == 200


async def test_country_that_is_not_allowed_is_refused_wherever_a_code_is_asked_for(
    server: TestServer,
) -> None:
    await with_phone_numbers(server)
    await server.backend().add_user("ada@example.com", phone_number=[GERMAN_NUMBER])
    browser = server.browser()

    answers = [
        await ask(server.browser(), GERMAN_NUMBER),
        await browser.post("/v1/client/sign_ins", identifier=GERMAN_NUMBER, strategy="phone_code"),
    ]

    assert {error_of(answer)[:2] for answer in answers} == {(403, "unsupported_country_code")}
    assert await server.messages(GERMAN_NUMBER) == []
