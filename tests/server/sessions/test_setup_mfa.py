"""Instances that force a second factor: a session is pending until its user has one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answers import claims_of, error_of
from tests.support.factors.authenticator_apps import AuthenticatorApp
from tests.support.factors.second_factor_numbers import (
    ADA,
    OTHER_NUMBER,
    change,
    given_number,
    me,
    reserved_number,
    reverify_by_phone,
    signed_up,
    verified_number,
    with_second_factors,
)
from tests.support.server import PASSWORD, Browser, JsonObject, TestServer

FORCED = {"session": {"tasks": ["reset_password", "setup_mfa"]}}
BEFORE_TASKS = "2024-10-01"


@pytest.fixture
async def forced(server: TestServer) -> TestServer:
    await with_second_factors(server, **FORCED)
    return server


async def session_of(browser: Browser) -> JsonObject:
    return (await browser.get("/v1/client")).json()["response"]["sessions"][0]


async def test_sign_up_ends_in_a_pending_session(forced: TestServer) -> None:
    session = await session_of(await signed_up(forced))

    assert (session["status"], session["tasks"]) == ("pending", [{"key": "setup-mfa"}])


async def test_app_makes_the_session_active(forced: TestServer) -> None:
    browser = await signed_up(forced)
    session = await session_of(browser)
    pending = claims_of((await browser.token(session["id"])).json()["jwt"])["sts"]
    secret = (await browser.post("/v1/me/totp")).json()["response"]["secret"]

    code = AuthenticatorApp(forced, secret).code()
    verified = await browser.post("/v1/me/totp/attempt_verification", code=code)

    (shown,) = verified.json()["client"]["sessions"]
    assert len(verified.json()["response"]["backup_codes"]) == 10
    assert (shown["id"], shown["status"], shown["tasks"]) == (session["id"], "active", None)
    active = claims_of((await browser.token(session["id"])).json()["jwt"])["sts"]
    assert (pending, active) == ("pending", "active")


async def test_new_number_makes_the_session_active(forced: TestServer) -> None:
    browser = await signed_up(forced)
    number = await verified_number(browser)
    before = await session_of(browser)

    reserved = await change(browser, number, reserved_for_second_factor=True)

    (shown,) = reserved.json()["client"]["sessions"]
    assert (before["status"], shown["status"], shown["tasks"]) == ("pending", "active", None)
    assert len(reserved.json()["response"]["backup_codes"]) == 10


async def test_number_that_is_there_already_makes_the_session_active(forced: TestServer) -> None:
    backend, browser = forced.backend(), forced.browser()
    user = await backend.create_user(ADA, password=PASSWORD)
    number = await given_number(backend, user["id"])
    await browser.sign_in(ADA)

    reserved = await change(browser, number, reserved_for_second_factor=True)

    assert reserved.json()["client"]["sessions"][0]["status"] == "active"


async def test_second_factor_that_a_backend_gives_ends_the_task(forced: TestServer) -> None:
    backend, browser = forced.backend(), await signed_up(forced)

    await backend.patch(f"/v1/users/{(await me(browser))['id']}", totp_secret="JBSWY3DPEHPK3PXP")

    assert (await session_of(browser))["status"] == "active"


async def test_task_is_done_for_every_session_that_waits_for_it(forced: TestServer) -> None:
    browser, other = await signed_up(forced), forced.browser()
    await other.sign_in(ADA)

    await reserved_number(browser)

    assert (await session_of(other))["status"] == "active"


async def test_pending_session_can_be_reverified(forced: TestServer) -> None:
    browser = await signed_up(forced)
    session = await session_of(browser)
    forced.clock.advance(seconds=601)
    stale = await browser.post("/v1/me/totp")
    path = f"/v1/client/sessions/{session['id']}/verify"

    await browser.post(path, level="second_factor")
    done = await browser.post(f"{path}/attempt_first_factor", strategy="password", password=PASSWORD)

    assert error_of(stale)[:2] == (403, "session_reverification_required")
    assert (done.json()["response"]["status"], done.status_code) == ("complete", 200)
    assert (await browser.post("/v1/me/totp")).status_code == 200


async def test_who_has_a_second_factor_has_no_task(forced: TestServer) -> None:
    browser = await signed_up(forced)
    await reserved_number(browser)

    other = forced.browser()
    answer = await other.post("/v1/client/sign_ins", strategy="password", identifier=ADA, password=PASSWORD)

    assert answer.json()["response"]["status"] == "needs_second_factor"


@pytest.mark.parametrize("how", ["number", "deleted number", "app"])
async def test_last_second_factor_is_not_removed_by_its_user(forced: TestServer, how: str) -> None:
    browser = await signed_up(forced)
    number = await reserved_number(browser)
    await reverify_by_phone(browser)
    path = f"/v1/me/phone_numbers/{number['id']}"

    match how:
        case "number":
            refused = await change(browser, number, reserved_for_second_factor=False)
        case "deleted number":
            refused = await browser.delete(path)
        case _:
            secret = (await browser.post("/v1/me/totp")).json()["response"]["secret"]
            code = AuthenticatorApp(forced, secret).code()
            await browser.post("/v1/me/totp/attempt_verification", code=code)
            assert (await browser.delete(path)).status_code == 200, "the app is left"
            refused = await browser.delete("/v1/me/totp")

    assert error_of(refused)[:2] == (400, "second_factor_deletion_not_allowed")
    assert (await me(browser))["two_factor_enabled"] is True
    assert (await me(browser))["backup_code_enabled"] is True


async def test_backend_removes_even_the_last_one(forced: TestServer) -> None:
    browser = await signed_up(forced)
    await reserved_number(browser)

    removed = await forced.backend().delete(f"/v1/users/{(await me(browser))['id']}/mfa")

    other = forced.browser()
    session = (await other.sign_in(ADA))["sessions"][0]
    assert removed.status_code == 200
    assert session["tasks"] == [{"key": "setup-mfa"}]


async def test_new_password_is_asked_for_before_the_second_factor(forced: TestServer) -> None:
    backend, browser = forced.backend(), forced.browser()
    user = await backend.create_user(ADA, password=PASSWORD)
    await backend.post(f"/v1/users/{user['id']}/password/set_compromised")
    token = await backend.post("/v1/sign_in_tokens", user_id=user["id"])

    await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=token.json()["token"])

    assert (await session_of(browser))["tasks"] == [{"key": "reset-password"}, {"key": "setup-mfa"}]
    changed = await browser.post("/v1/me/change_password", new_password="a wholly different battery")
    assert changed.json()["client"]["sessions"][0]["tasks"] == [{"key": "setup-mfa"}]


async def test_older_version_does_not_get_around_the_second_factor(forced: TestServer) -> None:
    await forced.backend().create_user(ADA, password=PASSWORD)
    browser = forced.browser(version=BEFORE_TASKS)

    done = await browser.post("/v1/client/sign_ins", strategy="password", identifier=ADA, password=PASSWORD)

    session_id = done.json()["response"]["created_session_id"]
    assert done.json()["client"]["sessions"] == []
    assert (await browser.token(session_id)).status_code == 401
    assert (await browser.get("/v1/me")).status_code == 401


async def test_impersonator_sets_no_second_factor_up(forced: TestServer) -> None:
    backend, browser = forced.backend(), forced.browser()
    user = await backend.create_user(ADA, password=PASSWORD)
    token = await backend.post("/v1/actor_tokens", user_id=user["id"], actor={"sub": "user_support"})

    await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=token.json()["token"])

    assert (await session_of(browser))["status"] == "active"


@pytest.mark.parametrize("settings", [{}, FORCED])
async def test_environment_says_whether_a_second_factor_is_forced(
    server: TestServer, settings: dict[str, Any]
) -> None:
    await with_second_factors(server, **settings)

    user_settings = (await server.browser().get("/v1/environment")).json()["user_settings"]

    assert user_settings["sign_in"]["second_factor"]["required"] is bool(settings)
    assert user_settings["sign_up"]["mfa"]["required"] is bool(settings)


async def test_session_that_is_active_already_stays_so(server: TestServer) -> None:
    await with_second_factors(server)
    browser = await signed_up(server)

    await with_second_factors(server, **FORCED)

    assert (await session_of(browser))["status"] == "active"
    other = server.browser()
    await other.sign_in(ADA)
    assert (await session_of(other))["status"] == "pending"


async def test_second_number_does_not_end_the_wait_of_another_user(forced: TestServer) -> None:
    eve = await signed_up(forced, "eve+clerk_test@example.com")
    ada = await signed_up(forced)

    await reserved_number(ada, OTHER_NUMBER)

    assert (await session_of(eve))["status"] == "pending"
