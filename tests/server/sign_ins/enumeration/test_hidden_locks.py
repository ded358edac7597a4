"""Enumeration protection: locks and bans hold, and are told only to who has proven something."""

from __future__ import annotations

import asyncio

from tests.server.sign_ins.enumeration.strangers import seen
from tests.server.sign_ins.enumeration.test_enumeration import (
    ADA,
    TEST_ADA,
    ask_for_code,
    begin,
    user_of,
    who_is_banned,
    who_is_locked,
    with_password,
)
from tests.support.answers import error_of
from tests.support.server import PASSWORD, TEST_CODE, TestServer


async def test_lock_is_not_told_and_holds(discreet: TestServer) -> None:
    ada = await with_password(discreet)
    browser = discreet.browser()

    answers = [seen(await begin(browser, identifier=ADA, password="wrong")) for _ in range(12)]
    right = await begin(browser, identifier=ADA, password=PASSWORD)

    assert answers[1:] == answers[1:2] * 11  # the first one made the browser's client
    assert seen(right) == answers[1]
    assert (await user_of(discreet, ada))["locked"] is True


async def test_parallel_guesses_of_a_password_lock_once(discreet: TestServer) -> None:
    ada = await with_password(discreet)

    answers = await asyncio.gather(
        *(begin(discreet.browser(), identifier=ADA, password=f"wrong {n}") for n in range(15))
    )

    assert {error_of(answer)[1] for answer in answers} == {"form_password_or_identifier_incorrect"}
    user = await user_of(discreet, ada)
    assert (user["locked"], user["verification_attempts_remaining"]) == (True, 0)
    right = await begin(discreet.browser(), identifier=ADA, password=PASSWORD)
    assert error_of(right)[1] == "form_password_or_identifier_incorrect"


async def test_guesses_of_one_attempt_by_every_factor_count_together(discreet: TestServer) -> None:
    ada = await discreet.backend().create_user(TEST_ADA)
    browser = discreet.browser()
    path = f"{await ask_for_code(browser, TEST_ADA)}/attempt_first_factor"

    await asyncio.gather(
        *(browser.post(path, strategy="password", password="wrong") for _ in range(3)),
        *(browser.post(path, strategy="email_code", code="000000") for _ in range(3)),
    )

    assert (await user_of(discreet, ada))["verification_attempts_remaining"] == 4


async def test_parallel_right_codes_make_one_session(discreet: TestServer) -> None:
    await discreet.backend().create_user(TEST_ADA)
    browser = discreet.browser()
    path = await ask_for_code(browser, TEST_ADA)

    answers = await asyncio.gather(
        *(
            browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=TEST_CODE)
            for _ in range(5)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400]
    assert len((await browser.get("/v1/client")).json()["response"]["sessions"]) == 1


async def test_parallel_right_passwords_of_one_attempt_make_one_session(discreet: TestServer) -> None:
    await with_password(discreet)
    browser = discreet.browser()
    begun = await begin(browser, identifier=ADA)
    path = f"/v1/client/sign_ins/{begun.json()['response']['id']}/attempt_first_factor"

    answers = await asyncio.gather(
        *(browser.post(path, strategy="password", password=PASSWORD) for _ in range(4))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    assert len((await browser.get("/v1/client")).json()["response"]["sessions"]) == 1


async def test_lock_ends_by_itself_after_an_hour(discreet: TestServer) -> None:
    await with_password(discreet)
    for _ in range(10):
        await begin(discreet.browser(), identifier=ADA, password="wrong")
    discreet.clock.advance(seconds=3601)

    assert await discreet.browser().sign_in(ADA)


async def test_lock_is_told_to_who_has_proven_the_address(discreet: TestServer) -> None:
    await who_is_locked(discreet)
    browser = discreet.browser()
    path = await ask_for_code(browser, ADA)
    code = (await discreet.messages(ADA))[0]["code"]

    done = await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=code)

    assert error_of(done)[:2] == (403, "user_locked")
    assert (await browser.get("/v1/client")).json()["response"]["sessions"] == []


async def test_ban_is_told_to_who_knows_the_password(discreet: TestServer) -> None:
    await who_is_banned(discreet)

    done = await begin(discreet.browser(), identifier=ADA, password=PASSWORD)

    assert error_of(done)[:2] == (403, "user_banned")
