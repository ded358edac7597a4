"""Reset of a forgotten password: a code by mail, a new password, signed in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.server import PASSWORD, TEST_CODE, Browser, TestServer

ADA = "ada+clerk_test@example.com"
NEW = "a wholly different battery"
STRATEGY = "reset_password_email_code"


@pytest.fixture
async def ada(server: TestServer) -> Browser:
    """A user who is signed in on another device."""
    browser = server.browser()
    await browser.sign_up(ADA)
    return browser


async def ask_for_code(browser: Browser) -> str:
    """The path of a sign-in whose user has been sent a code."""
    started = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy=STRATEGY)
    assert started.status_code == 200, started.text
    return f"/v1/client/sign_ins/{started.json()['response']['id']}"


async def prove(browser: Browser) -> str:
    """The path of a sign-in that waits for the new password."""
    path = await ask_for_code(browser)
    proven = await browser.post(f"{path}/attempt_first_factor", strategy=STRATEGY, code=TEST_CODE)
    assert proven.json()["response"]["status"] == "needs_new_password", proven.text
    return path


async def test_forgotten_password_is_replaced_after_a_code(server: TestServer, ada: Browser) -> None:
    browser = server.browser()
    path = await prove(browser)

    done = await browser.post(f"{path}/reset_password", password=NEW)

    body = done.json()
    assert body["response"]["status"] == "complete"
    assert body["client"]["last_active_session_id"] == body["response"]["created_session_id"]
    assert await server.browser().sign_in(ADA, NEW)
    refused = await server.browser().post("/v1/client/sign_ins", identifier=ADA, password=PASSWORD)
    assert error_of(refused)[:2] == (422, "form_password_incorrect")


async def test_code_alone_does_not_sign_in(server: TestServer, ada: Browser) -> None:
    browser = server.browser()

    await prove(browser)

    client = (await browser.get("/v1/client")).json()["response"]
    assert client["sessions"] == []
    assert client["sign_in"]["status"] == "needs_new_password"


async def test_other_sessions_end_when_asked(server: TestServer, ada: Browser) -> None:
    browser = server.browser()
    path = await prove(browser)

    done = await browser.post(f"{path}/reset_password", password=NEW, sign_out_of_other_sessions="true")

    assert len(done.json()["client"]["sessions"]) == 1
    assert (await ada.get("/v1/me")).status_code == 401


async def test_other_sessions_stay_otherwise(server: TestServer, ada: Browser) -> None:
    browser = server.browser()
    path = await prove(browser)

    await browser.post(f"{path}/reset_password", password=NEW)

    assert (await ada.get("/v1/me")).status_code == 200


async def test_password_that_is_too_short_keeps_the_place(server: TestServer, ada: Browser) -> None:
    browser = server.browser()
    path = await prove(browser)

    refused = await browser.post(f"{path}/reset_password", password="short")
    done = await browser.post(f"{path}/reset_password", password=NEW)

    assert error_of(refused)[:2] == (422, "form_password_length_too_short")
    assert done.json()["response"]["status"] == "complete"


async def test_new_password_before_the_code_is_refused(server: TestServer, ada: Browser) -> None:
    browser = server.browser()
    path = await ask_for_code(browser)

    response = await browser.post(f"{path}/reset_password", password=NEW)

    assert error_of(response)[:2] == (400, "verification_missing")


async def test_code_of_an_ordinary_sign_in_resets_nothing(server: TestServer, ada: Browser) -> None:
    browser = server.browser()
    started = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy="email_code")
    path = f"/v1/client/sign_ins/{started.json()['response']['id']}"

    as_reset = await browser.post(f"{path}/attempt_first_factor", strategy=STRATEGY, code=TEST_CODE)

    assert error_of(as_reset)[:2] == (400, "verification_missing")


async def test_proven_code_is_good_for_ten_minutes(server: TestServer, ada: Browser) -> None:
    browser = server.browser()
    path = await prove(browser)
    server.clock.advance(seconds=10 * 60)

    response = await browser.post(f"{path}/reset_password", password=NEW)

    assert error_of(response)[:2] == (400, "verification_expired")


async def test_another_factor_forgets_the_proven_code(server: TestServer, ada: Browser) -> None:
    browser = server.browser()
    path = await prove(browser)

    other = await browser.post(f"{path}/prepare_first_factor", strategy=STRATEGY, email_address_id="")
    factors = (await browser.get(path)).json()["response"]["supported_first_factors"]
    address = next(f["email_address_id"] for f in factors if f["strategy"] == "email_code")
    await browser.post(f"{path}/prepare_first_factor", strategy="email_code", email_address_id=address)
    response = await browser.post(f"{path}/reset_password", password=NEW)

    assert error_of(other)[:2] == (422, "form_param_missing")
    assert error_of(response)[:2] == (400, "verification_missing")


async def test_new_password_can_be_set_once(server: TestServer, ada: Browser) -> None:
    browser = server.browser()
    path = await prove(browser)
    await browser.post(f"{path}/reset_password", password=NEW)

    again = await browser.post(f"{path}/reset_password", password="yet another battery staple")

    assert error_of(again)[:2] == (400, "client_state_invalid")


async def test_another_browser_cannot_use_a_proven_code(server: TestServer, ada: Browser) -> None:
    path = await prove(server.browser())
    other = server.browser()
    await ask_for_code(other)

    response = await other.post(f"{path}/reset_password", password=NEW)

    assert response.status_code == 404


async def test_user_without_a_password_is_not_offered_a_reset(server: TestServer) -> None:
    await server.backend().add_user("bob@example.com")

    started = await server.browser().post("/v1/client/sign_ins", identifier="bob@example.com")

    factors: list[dict[str, Any]] = started.json()["response"]["supported_first_factors"]
    assert [f["strategy"] for f in factors] == ["email_code"]


async def test_mail_of_a_reset_says_what_it_is_for(server: TestServer) -> None:
    await server.backend().create_user("bob@example.com")

    await server.browser().post("/v1/client/sign_ins", identifier="bob@example.com", strategy=STRATEGY)

    mail = (await server.messages("bob@example.com"))[0]
    assert "password reset code" in mail["subject"]
    assert mail["code"]
