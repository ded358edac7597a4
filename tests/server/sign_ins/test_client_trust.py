"""An instance that asks for more than a password on devices that a user has never used."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, TEST_CODE, Browser, TestServer

ADA = "ada+clerk_test@example.com"


@pytest.fixture
async def ada(server: TestServer) -> Browser:
    """Ada's own browser, signed out again."""
    await configure(server, {"attack_protection": {"client_trust": True}})
    browser = server.browser()
    client = await browser.sign_up(ADA)
    await browser.post(f"/v1/client/sessions/{client['last_active_session_id']}/end")
    return browser


async def enter_password(browser: Browser) -> dict[str, Any]:
    response = await browser.post(
        "/v1/client/sign_ins", strategy="password", identifier=ADA, password=PASSWORD
    )
    assert response.status_code == 200, response.text
    return response.json()["response"]


def path_of(sign_in: dict[str, Any]) -> str:
    return f"/v1/client/sign_ins/{sign_in['id']}"


async def test_password_alone_does_not_sign_in_on_an_unknown_device(server: TestServer, ada: Browser) -> None:
    browser = server.browser()

    sign_in = await enter_password(browser)

    assert sign_in["status"] == "needs_client_trust"
    assert sign_in["client_trust_state"] == "new"
    assert [f["strategy"] for f in sign_in["supported_second_factors"]] == ["email_code"]
    assert sign_in["supported_second_factors"][0]["safe_identifier"] != ADA
    assert (await browser.get("/v1/client")).json()["response"]["sessions"] == []


async def test_code_by_mail_completes_the_sign_in(server: TestServer, ada: Browser) -> None:
    browser = server.browser()
    sign_in = await enter_password(browser)

    prepared = await browser.post(f"{path_of(sign_in)}/prepare_second_factor", strategy="email_code")
    done = await browser.post(
        f"{path_of(sign_in)}/attempt_second_factor", strategy="email_code", code=TEST_CODE
    )

    assert prepared.json()["response"]["second_factor_verification"]["status"] == "unverified"
    assert done.json()["response"]["status"] == "complete"
    assert len(done.json()["client"]["sessions"]) == 1


async def test_wrong_code_does_not(server: TestServer, ada: Browser) -> None:
    browser = server.browser()
    sign_in = await enter_password(browser)
    await browser.post(f"{path_of(sign_in)}/prepare_second_factor", strategy="email_code")

    response = await browser.post(
        f"{path_of(sign_in)}/attempt_second_factor", strategy="email_code", code="000000"
    )

    assert error_of(response)[:2] == (422, "form_code_incorrect")


async def test_known_device_signs_in_by_password(server: TestServer, ada: Browser) -> None:
    sign_in = await enter_password(ada)

    assert sign_in["status"] == "complete"
    assert sign_in["client_trust_state"] == "known"


async def test_user_who_bypasses_client_trust_signs_in_by_password(server: TestServer, ada: Browser) -> None:
    user = (await server.backend().get("/v1/users")).json()[0]
    await server.backend().patch(f"/v1/users/{user['id']}", bypass_client_trust=True)

    assert (await enter_password(server.browser()))["status"] == "complete"


async def test_code_as_the_first_factor_needs_no_further_proof(server: TestServer, ada: Browser) -> None:
    browser = server.browser()
    started = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy="email_code")

    done = await browser.post(
        f"{path_of(started.json()['response'])}/attempt_first_factor", strategy="email_code", code=TEST_CODE
    )

    assert done.json()["response"]["status"] == "complete"


async def test_second_factor_before_the_first_is_refused(server: TestServer, ada: Browser) -> None:
    browser = server.browser()
    started = await browser.post("/v1/client/sign_ins", identifier=ADA)
    path = path_of(started.json()["response"])

    prepared = await browser.post(f"{path}/prepare_second_factor", strategy="email_code")
    attempted = await browser.post(f"{path}/attempt_second_factor", strategy="email_code", code=TEST_CODE)

    assert error_of(prepared)[:2] == (400, "client_state_invalid")
    assert error_of(attempted)[:2] == (400, "client_state_invalid")


async def test_strategy_that_is_no_second_factor_is_refused(server: TestServer, ada: Browser) -> None:
    browser = server.browser()
    sign_in = await enter_password(browser)

    response = await browser.post(f"{path_of(sign_in)}/attempt_second_factor", strategy="totp", code="1")

    assert error_of(response)[:2] == (400, "strategy_for_user_invalid")


async def test_second_factor_of_another_browser_is_not_found(server: TestServer, ada: Browser) -> None:
    sign_in = await enter_password(server.browser())
    other = server.browser()
    await enter_password(other)

    response = await other.post(f"{path_of(sign_in)}/prepare_second_factor", strategy="email_code")

    assert response.status_code == 404


async def test_starting_over_forgets_the_password(server: TestServer, ada: Browser) -> None:
    browser = server.browser()
    sign_in = await enter_password(browser)
    await browser.post(f"{path_of(sign_in)}/prepare_second_factor", strategy="email_code")
    address = sign_in["supported_second_factors"][0]["email_address_id"]
    await browser.post(
        f"{path_of(sign_in)}/prepare_first_factor", strategy="email_code", email_address_id=address
    )

    response = await browser.post(
        f"{path_of(sign_in)}/attempt_second_factor", strategy="email_code", code=TEST_CODE
    )

    assert error_of(response)[:2] == (400, "client_state_invalid")


async def test_reset_password_is_followed_by_no_password_question(server: TestServer, ada: Browser) -> None:
    browser = server.browser()
    strategy = "reset_password_email_code"
    started = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy=strategy)
    path = path_of(started.json()["response"])
    await browser.post(f"{path}/attempt_first_factor", strategy=strategy, code=TEST_CODE)

    done = await browser.post(f"{path}/reset_password", password="a wholly different battery")

    assert done.json()["response"]["status"] == "complete"
