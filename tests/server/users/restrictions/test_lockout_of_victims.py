"""A lock must stop guesses, and must not keep its victim out: known browsers, devices, warnings."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.server.users.restrictions.test_lockout import MAX_ATTEMPTS, guess, guess_often, shown
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.factors.authenticator_apps import SECOND_FACTORS, AuthenticatorApp, enrolled
from tests.support.factors.passkeys import Authenticator, sign_in_with, with_passkey
from tests.support.factors.trusted_devices import (
    ADA,
    DEVICES,
    Device,
    attempt_sign_in,
    begin_sign_in,
    challenge_of,
    enroll,
)
from tests.support.server import PASSWORD, Backend, TestServer


@pytest.fixture
async def ada(server: TestServer) -> dict[str, Any]:
    return await server.backend().create_user(ADA)


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


async def test_lock_by_strangers_does_not_keep_out_a_browser_that_the_user_knows(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    """An attacker must not be able to lock a victim out for ever."""
    victim = server.browser()
    await victim.sign_in(ADA)
    await victim.delete("/v1/client/sessions")
    for _ in range(3):
        await guess_often(server, MAX_ATTEMPTS)
        server.clock.advance(seconds=3601)
    await guess_often(server, MAX_ATTEMPTS)

    stranger, known = await guess(server.browser(), PASSWORD), await guess(victim, PASSWORD)

    assert error_of(stranger)[:2] == (403, "user_locked")
    assert known.json()["response"]["status"] == "complete"


async def test_success_on_a_known_browser_gives_strangers_no_new_attempts(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    victim = server.browser()
    await victim.sign_in(ADA)
    await victim.delete("/v1/client/sessions")
    await guess_often(server, MAX_ATTEMPTS)

    await guess(victim, PASSWORD)

    assert (await shown(backend, ada))["locked"] is True
    assert error_of(await guess(server.browser(), PASSWORD))[:2] == (403, "user_locked")


async def test_known_browser_has_as_many_attempts_as_any_and_no_more(
    server: TestServer, ada: dict[str, Any]
) -> None:
    thief = server.browser()
    await thief.sign_in(ADA)
    await thief.delete("/v1/client/sessions")
    await guess_often(server, MAX_ATTEMPTS)

    codes = [error_of(await guess(thief))[1] for _ in range(MAX_ATTEMPTS + 1)]

    assert codes == ["form_password_incorrect"] * (MAX_ATTEMPTS - 1) + ["user_locked"] * 2
    assert error_of(await guess(thief, PASSWORD))[:2] == (403, "user_locked")


async def test_parallel_guesses_on_a_known_browser_count_one_by_one(
    server: TestServer, ada: dict[str, Any]
) -> None:
    thief = server.browser()
    await thief.sign_in(ADA)
    await thief.delete("/v1/client/sessions")
    await guess_often(server, MAX_ATTEMPTS)

    answers = await asyncio.gather(*(guess(thief) for _ in range(50)))

    codes = [error_of(answer)[1] for answer in answers]
    assert codes.count("form_password_incorrect") == MAX_ATTEMPTS - 1
    assert error_of(await guess(thief, PASSWORD))[:2] == (403, "user_locked")


async def test_browser_of_another_user_is_not_known(server: TestServer, ada: dict[str, Any]) -> None:
    eve = server.browser()
    await eve.sign_up("eve+clerk_test@example.com")
    await eve.delete("/v1/client/sessions")
    await guess_often(server, MAX_ATTEMPTS)

    assert error_of(await guess(eve, PASSWORD))[:2] == (403, "user_locked")


async def test_browser_of_an_impersonator_is_not_known(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    support = server.browser()
    token = await backend.post("/v1/actor_tokens", user_id=ada["id"], actor={"sub": "user_support"})
    await support.post("/v1/client/sign_ins", strategy="ticket", ticket=token.json()["token"])
    await support.delete("/v1/client/sessions")
    await guess_often(server, MAX_ATTEMPTS)

    assert error_of(await guess(support, PASSWORD))[:2] == (403, "user_locked")


async def test_lock_by_an_administrator_has_no_exception(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    known = server.browser()
    await known.sign_in(ADA)
    await guess_often(server, MAX_ATTEMPTS)

    await backend.post(f"/v1/users/{ada['id']}/lock")

    assert error_of(await guess(known, PASSWORD))[:2] == (403, "user_locked")


async def test_banned_user_is_kept_out_of_a_known_browser(
    server: TestServer, backend: Backend, ada: dict[str, Any]
) -> None:
    known = server.browser()
    await known.sign_in(ADA)
    await guess_often(server, MAX_ATTEMPTS)

    await backend.post(f"/v1/users/{ada['id']}/ban")

    assert error_of(await guess(known, PASSWORD))[:2] == (403, "user_banned")


async def test_locked_user_reverifies_where_they_are_signed_in(
    server: TestServer, ada: dict[str, Any]
) -> None:
    victim = server.browser()
    client = await victim.sign_in(ADA)
    await guess_often(server, MAX_ATTEMPTS)
    path = f"/v1/client/sessions/{client['last_active_session_id']}/verify"
    await victim.post(path, level="first_factor")

    done = await victim.post(f"{path}/attempt_first_factor", strategy="password", password=PASSWORD)

    assert done.json()["response"]["status"] == "complete"


async def test_locked_user_signs_in_with_a_trusted_device_where_they_never_were(
    server: TestServer, ada: dict[str, Any]
) -> None:
    device, owner = Device(), server.browser()
    await configure(server, DEVICES)
    await owner.sign_in(ADA)
    await enroll(owner, device)
    await guess_often(server, MAX_ATTEMPTS)
    browser = server.browser()
    sign_in = await begin_sign_in(browser, device.id)

    done = await attempt_sign_in(browser, sign_in, device.proof(challenge_of(sign_in)))

    assert done.json()["response"]["status"] == "complete"
    assert error_of(await guess(server.browser(), PASSWORD))[:2] == (403, "user_locked")


async def test_locked_user_signs_in_with_a_passkey_where_they_never_were(server: TestServer) -> None:
    authenticator, browser = Authenticator(), server.browser()
    await with_passkey(server, authenticator)
    await guess_often(server, MAX_ATTEMPTS)

    done = await sign_in_with(browser, authenticator)

    assert done.json()["response"]["status"] == "complete"


async def test_trusted_device_does_not_open_the_second_factor_of_a_locked_user(server: TestServer) -> None:
    """The second factor can be guessed by the thief of a device."""
    await configure(server, DEVICES | SECOND_FACTORS)
    device, owner = Device(), server.browser()
    await owner.sign_up(ADA)
    await enroll(owner, device)
    app = AuthenticatorApp(server, (await owner.post("/v1/me/totp")).json()["response"]["secret"])
    await owner.post("/v1/me/totp/attempt_verification", code=app.code())
    await guess_often(server, MAX_ATTEMPTS)
    server.clock.advance(seconds=31)
    browser = server.browser()
    sign_in = await begin_sign_in(browser, device.id)
    await attempt_sign_in(browser, sign_in, device.proof(challenge_of(sign_in)))
    path = f"/v1/client/sign_ins/{sign_in['id']}/attempt_second_factor"

    refused = await browser.post(path, strategy="totp", code=app.code())

    assert error_of(refused)[:2] == (403, "user_locked")


async def test_last_attempts_warn_of_the_lock(server: TestServer, ada: dict[str, Any]) -> None:
    answers = [(await guess(server.browser())).json()["errors"] for _ in range(MAX_ATTEMPTS - 1)]

    codes = [[error["code"] for error in errors] for errors in answers]
    assert codes[:6] == [["form_password_incorrect"]] * 6
    assert codes[6:] == [["form_password_incorrect", "account_lockout_warning"]] * 3
    assert [errors[1]["meta"]["verification_attempts_remaining"] for errors in answers[6:]] == [3, 2, 1]
    assert answers[-1][1]["long_message"] == "You have 1 attempt left before your account is locked."


async def test_warning_does_not_reveal_an_account(server: TestServer, ada: dict[str, Any]) -> None:
    await configure(server, {"attack_protection": {"enumeration_protection": True}})

    answers = [(await guess(server.browser())).json()["errors"] for _ in range(MAX_ATTEMPTS + 1)]

    assert {tuple(error["code"] for error in errors) for errors in answers} == {
        ("form_password_or_identifier_incorrect",)
    }


async def test_hidden_lock_does_not_keep_out_a_browser_that_the_user_knows(
    server: TestServer, ada: dict[str, Any]
) -> None:
    await configure(server, {"attack_protection": {"enumeration_protection": True}})
    victim = server.browser()
    await victim.sign_in(ADA)
    await victim.delete("/v1/client/sessions")
    await guess_often(server, MAX_ATTEMPTS)

    stranger, known = await guess(server.browser(), PASSWORD), await guess(victim, PASSWORD)

    assert error_of(stranger)[1] == "form_password_or_identifier_incorrect"
    assert known.json()["response"]["status"] == "complete"


@pytest.mark.parametrize("network", ["203.0.113.{}", "2001:db8:{:x}::1", "2001:db8::{:x}"])
async def test_password_is_not_guessed_from_many_addresses(
    server: TestServer, ada: dict[str, Any], network: str
) -> None:
    """The count is the user's, whatever the addresses are, and whatever they say of themselves."""
    codes: list[str] = []
    for number in range(1, MAX_ATTEMPTS + 1):
        address = network.format(number)
        headers = {"x-forwarded-for": address, "x-real-ip": address, "forwarded": f"for={address}"}
        browser = server.browser(headers=headers)
        browser.http._transport = httpx.ASGITransport(app=server.app, client=(address, 4711))  # pyright: ignore[reportPrivateUsage]
        codes.append(error_of(await guess(browser))[1])

    assert codes == ["form_password_incorrect"] * (MAX_ATTEMPTS - 1) + ["user_locked"]


async def test_wrong_second_factors_lock_the_user(server: TestServer) -> None:
    person = await enrolled(server)
    other = server.browser()
    sign_in = await person.enter_password(other)
    path = f"/v1/client/sign_ins/{sign_in['id']}/attempt_second_factor"

    totp = [
        error_of(await other.post(path, strategy="totp", code=person.app.wrong_code()))[1] for _ in range(5)
    ]
    backup = [error_of(await other.post(path, strategy="backup_code", code="wrongone"))[1] for _ in range(5)]

    assert totp == ["form_code_incorrect"] * 5
    assert backup[-1] == "user_locked"
