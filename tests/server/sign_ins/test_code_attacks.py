"""Attacks on one-time codes: guessed in parallel, used twice, elsewhere, too late, or by a chosen clock."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx
import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.factors.authenticator_apps import ADA, Person, enrolled
from tests.support.factors.second_factor_numbers import NUMBER, given_number, with_second_factors
from tests.support.server import PASSWORD, TEST_CODE, Browser, JsonObject, TestServer

PARALLEL = 50


@pytest.fixture
async def user(server: TestServer) -> JsonObject:
    """Ada, who signs in by a code to her address or her number."""
    await with_second_factors(server)
    backend = server.backend()
    user = await backend.create_user(ADA, password=PASSWORD)
    await given_number(backend, user["id"])
    return user


async def code_sent(browser: Browser, strategy: str) -> str:
    """The path of a sign-in whose code was sent."""
    identifier = NUMBER if strategy == "phone_code" else ADA
    started = await browser.post("/v1/client/sign_ins", identifier=identifier, strategy=strategy)
    assert started.status_code == 200, started.text
    return f"/v1/client/sign_ins/{started.json()['response']['id']}"


def statuses(answers: list[httpx.Response]) -> Counter[bool]:
    """Counts the attempts that passed, and those that did not."""
    assert all(answer.status_code < 500 for answer in answers), [answer.status_code for answer in answers]
    return Counter(answer.status_code == 200 for answer in answers)


async def sessions_of(server: TestServer, user_id: str) -> list[JsonObject]:
    return (await server.backend().get("/v1/sessions", user_id=user_id, limit=100)).json()


@pytest.mark.parametrize("strategy", ["email_code", "phone_code"])
async def test_parallel_attempts_do_not_use_one_code_twice(
    server: TestServer, user: JsonObject, strategy: str
) -> None:
    browser = server.browser()
    path = f"{await code_sent(browser, strategy)}/attempt_first_factor"

    attempts = (browser.post(path, strategy=strategy, code=TEST_CODE) for _ in range(PARALLEL))
    answers = await asyncio.gather(*attempts)

    assert statuses(answers) == {True: 1, False: PARALLEL - 1}
    assert len(await sessions_of(server, user["id"])) == 1


@pytest.mark.parametrize("strategy", ["email_code", "phone_code"])
async def test_parallel_guesses_are_not_more_than_the_allowed_ones(
    server: TestServer, user: JsonObject, strategy: str
) -> None:
    browser = server.browser()
    path = f"{await code_sent(browser, strategy)}/attempt_first_factor"

    guesses = (browser.post(path, strategy=strategy, code=f"{n:06d}") for n in range(PARALLEL))
    codes = Counter(error_of(answer)[1] for answer in await asyncio.gather(*guesses))
    late = await browser.post(path, strategy=strategy, code=TEST_CODE)

    assert codes["form_code_incorrect"] == 4, "the fifth one ends it"
    assert late.status_code in (400, 403)
    assert await sessions_of(server, user["id"]) == []


async def test_codes_of_further_messages_do_not_make_more_guesses_free(
    server: TestServer, user: JsonObject
) -> None:
    await configure(server, {"attack_protection": {"lockout": {"max_attempts": 10}}})
    browser = server.browser()
    for _ in range(2):
        path = f"{await code_sent(browser, 'email_code')}/attempt_first_factor"
        for number in range(5):
            await browser.post(path, strategy="email_code", code=f"{number:06d}")

    refused = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy="email_code")

    assert error_of(refused)[:2] == (403, "user_locked")


async def test_code_does_not_work_in_another_sign_in(server: TestServer, user: JsonObject) -> None:
    await configure(server, {"test_mode": False})
    theirs, browser = server.browser(), server.browser()
    await code_sent(theirs, "email_code")
    code = (await server.messages(ADA))[0]["code"]
    server.clock.advance(seconds=60)
    path = await code_sent(browser, "email_code")

    refused = await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=code)

    assert error_of(refused)[:2] == (422, "form_code_incorrect")


async def test_code_does_not_sign_another_user_in(server: TestServer, user: JsonObject) -> None:
    await configure(server, {"test_mode": False})
    eve = await server.backend().create_user("eve@example.com", password=PASSWORD)
    browser = server.browser()
    await code_sent(browser, "email_code")
    code = (await server.messages(ADA))[0]["code"]
    started = await browser.post("/v1/client/sign_ins", identifier="eve@example.com", strategy="email_code")
    path = f"/v1/client/sign_ins/{started.json()['response']['id']}"

    refused = await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=code)

    assert error_of(refused)[:2] == (422, "form_code_incorrect")
    assert await sessions_of(server, eve["id"]) == []


@pytest.mark.parametrize("strategy", ["email_code", "phone_code"])
async def test_code_does_not_work_after_ten_minutes(
    server: TestServer, user: JsonObject, strategy: str
) -> None:
    browser = server.browser()
    path = await code_sent(browser, strategy)
    server.clock.advance(seconds=600)

    refused = await browser.post(f"{path}/attempt_first_factor", strategy=strategy, code=TEST_CODE)

    assert error_of(refused)[:2] == (400, "verification_expired")


# --- second factors -----------------------------------------------------------------------------------------


async def second_steps(server: TestServer, ada: Person, count: int) -> list[tuple[Browser, str]]:
    """Browsers at the second step of sign-ins of one user, by tickets: they cost no hashing."""
    backend, user_id = server.backend(), (await ada.user())["id"]
    found: list[tuple[Browser, str]] = []
    for _ in range(count):
        ticket = (await backend.post("/v1/sign_in_tokens", user_id=user_id)).json()["token"]
        browser = server.browser()
        started = await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=ticket)
        sign_in = started.json()["response"]
        assert sign_in["status"] == "needs_second_factor", started.text
        found.append((browser, f"/v1/client/sign_ins/{sign_in['id']}/attempt_second_factor"))
    return found


@pytest.mark.parametrize("strategy", ["totp", "backup_code"])
async def test_parallel_sign_ins_do_not_use_one_second_factor_twice(
    server: TestServer, strategy: str
) -> None:
    ada = await enrolled(server)
    steps = await second_steps(server, ada, PARALLEL)
    code = ada.app.code() if strategy == "totp" else ada.codes[0]

    attempts = (browser.post(path, strategy=strategy, code=code) for browser, path in steps)
    answers = await asyncio.gather(*attempts)

    assert statuses(answers) == {True: 1, False: PARALLEL - 1}


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
async def test_code_of_a_step_further_away_than_one_does_not_pass(server: TestServer, steps: int) -> None:
    ada = await enrolled(server)
    server.clock.advance(seconds=120)

    refused = await ada.second_factor("totp", ada.app.code(steps=steps))

    assert error_of(refused)[:2] == (422, "form_code_incorrect")


async def test_code_of_an_earlier_step_does_not_pass_after_that_of_a_later_one(server: TestServer) -> None:
    ada = await enrolled(server)
    server.clock.advance(seconds=60)

    later = await ada.second_factor("totp", ada.app.code(steps=1))
    earlier = await ada.second_factor("totp", ada.app.code())

    assert later.json()["response"]["status"] == "complete"
    assert error_of(earlier)[:2] == (422, "form_code_incorrect")


@pytest.mark.parametrize("name", ["now", "timestamp", "time", "step"])
async def test_client_does_not_choose_the_time_of_a_code(server: TestServer, name: str) -> None:
    ada = await enrolled(server)
    server.clock.advance(seconds=3600)
    browser = server.browser()
    sign_in = await ada.enter_password(browser)
    chosen = {name: str(server.clock.now_ms() - 3_600_000)}

    refused = await ada.attempt(browser, sign_in, strategy="totp", code=ada.app.code(steps=-120), **chosen)

    assert error_of(refused)[:2] == (422, "form_code_incorrect")
