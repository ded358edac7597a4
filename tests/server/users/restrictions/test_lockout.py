"""Lockout after failed attempts: by password and by code, for an hour, one count for parallel guesses."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.server.identifications.phone_numbers.numbers import TEST_NUMBER, with_phone_numbers
from tests.support.answers import error_of
from tests.support.server import PASSWORD, TEST_CODE, Backend, Browser, TestServer

ADA = "ada+clerk_test@example.com"
MAX_ATTEMPTS = 10


@pytest.fixture
async def ada(server: TestServer) -> dict[str, Any]:
    return await server.backend().create_user(ADA)


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


async def guess(browser: Browser, password: str = "not the password") -> Any:
    return await browser.post("/v1/client/sign_ins", strategy="password", identifier=ADA, password=password)


async def guess_often(server: TestServer, times: int) -> list[str]:
    return [error_of(await guess(server.browser()))[1] for _ in range(times)]


async def shown(backend: Backend, user: dict[str, Any]) -> dict[str, Any]:
    return (await backend.get(f"/v1/users/{user['id']}")).json()


async def test_tenth_wrong_password_locks_the_user(server: TestServer, ada: dict[str, Any]) -> None:
    codes = await guess_often(server, MAX_ATTEMPTS)

    assert codes == ["form_password_incorrect"] * (MAX_ATTEMPTS - 1) + ["user_locked"]


async def test_right_password_does_not_open_a_locked_user(server: TestServer, ada: dict[str, Any]) -> None:
    await guess_often(server, MAX_ATTEMPTS)

    response = await guess(server.browser(), PASSWORD)

    error = response.json()["errors"][0]
    assert (response.status_code, error["code"]) == (403, "user_locked")
    assert 3590 <= error["meta"]["lockout_expires_in_seconds"] <= 3600


async def test_lock_ends_by_itself_after_an_hour(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    await guess_often(server, MAX_ATTEMPTS)
    server.clock.advance(seconds=3601)

    user = await shown(backend, ada)
    assert (user["locked"], user["lockout_expires_in_seconds"]) == (False, None)
    assert user["verification_attempts_remaining"] == MAX_ATTEMPTS
    assert await guess_often(server, 1) == ["form_password_incorrect"]
    assert (await shown(backend, ada))["verification_attempts_remaining"] == MAX_ATTEMPTS - 1
    assert (await guess(server.browser(), PASSWORD)).status_code == 200


async def test_lock_is_shown_to_the_backend(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    await guess_often(server, 3)
    assert (await shown(backend, ada))["verification_attempts_remaining"] == MAX_ATTEMPTS - 3

    await guess_often(server, MAX_ATTEMPTS - 3)

    user = await shown(backend, ada)
    assert (user["locked"], user["verification_attempts_remaining"]) == (True, 0)
    assert 3590 <= user["lockout_expires_in_seconds"] <= 3600


async def test_success_forgets_the_failures(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    await guess_often(server, MAX_ATTEMPTS - 1)

    await server.browser().sign_in(ADA)

    assert (await shown(backend, ada))["verification_attempts_remaining"] == MAX_ATTEMPTS


async def test_parallel_guesses_count_one_by_one(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    answers = await asyncio.gather(*(guess(server.browser()) for _ in range(MAX_ATTEMPTS + 5)))

    codes = [error_of(answer)[1] for answer in answers]
    assert codes.count("form_password_incorrect") == MAX_ATTEMPTS - 1
    assert codes.count("user_locked") == 6
    assert (await shown(backend, ada))["locked"] is True


async def test_wrong_codes_lock_the_user_over_many_sign_ins(server: TestServer, ada: dict[str, Any]) -> None:
    codes: list[str] = []
    for _ in range(2):
        browser = server.browser()
        begun = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy="email_code")
        path = f"/v1/client/sign_ins/{begun.json()['response']['id']}/attempt_first_factor"
        for _ in range(5):
            codes.append(error_of(await browser.post(path, strategy="email_code", code="000000"))[1])

    assert codes == [
        *["form_code_incorrect"] * 4,
        "verification_failed",
        *["form_code_incorrect"] * 4,
        "user_locked",
    ]
    assert error_of(await browser.post(path, strategy="email_code", code=TEST_CODE))[:2] == (
        403,
        "user_locked",
    )


async def test_wrong_codes_of_text_messages_lock_the_user(server: TestServer) -> None:
    await with_phone_numbers(server)
    made = await server.backend().post(
        "/v1/users", phone_number=[TEST_NUMBER], skip_password_requirement=True, skip_user_requirement=True
    )
    codes: list[str] = []
    for _ in range(2):
        browser = server.browser()
        begun = await browser.post("/v1/client/sign_ins", identifier=TEST_NUMBER, strategy="phone_code")
        path = f"/v1/client/sign_ins/{begun.json()['response']['id']}/attempt_first_factor"
        for _ in range(5):
            codes.append(error_of(await browser.post(path, strategy="phone_code", code="000000"))[1])

    assert codes[-1] == "user_locked"
    assert codes.count("form_code_incorrect") == 8
    right = await browser.post(path, strategy="phone_code", code=TEST_CODE)
    assert error_of(right)[:2] == (403, "user_locked")
    assert (await shown(server.backend(), made.json()))["locked"] is True


async def test_attempts_on_a_failed_verification_are_no_further_failures(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    browser = server.browser()
    begun = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy="email_code")
    path = f"/v1/client/sign_ins/{begun.json()['response']['id']}/attempt_first_factor"
    for _ in range(8):
        await browser.post(path, strategy="email_code", code="000000")

    assert (await shown(backend, ada))["verification_attempts_remaining"] == MAX_ATTEMPTS - 5


async def test_lockout_leaves_the_sessions_of_its_victim(server: TestServer, ada: dict[str, Any]) -> None:
    victim = server.browser()
    client = await victim.sign_in(ADA)

    await guess_often(server, MAX_ATTEMPTS)

    assert (await victim.token(client["last_active_session_id"])).status_code == 200


async def test_guesses_with_a_stolen_session_lock_the_user(server: TestServer, ada: dict[str, Any]) -> None:
    thief = server.browser()
    await thief.sign_in(ADA)

    codes = [
        error_of(
            await thief.post(
                "/v1/me/change_password", current_password="a guess", new_password="stolen from ada"
            )
        )[1]
        for _ in range(MAX_ATTEMPTS + 1)
    ]

    assert codes == ["form_password_incorrect"] * (MAX_ATTEMPTS - 1) + ["user_locked"] * 2


async def test_unlocked_user_may_fail_as_often_as_before(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    await guess_often(server, MAX_ATTEMPTS)

    user = (await backend.post(f"/v1/users/{ada['id']}/unlock")).json()

    assert (user["locked"], user["verification_attempts_remaining"]) == (False, MAX_ATTEMPTS)
    assert (await guess(server.browser(), PASSWORD)).status_code == 200


async def test_environment_tells_the_rules(server: TestServer) -> None:
    environment = (await server.browser().get("/v1/environment")).json()

    assert environment["user_settings"]["attack_protection"]["user_lockout"] == {
        "enabled": True,
        "max_attempts": MAX_ATTEMPTS,
        "duration_in_minutes": 60,
    }
