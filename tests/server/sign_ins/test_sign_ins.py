"""Signing in: by password, by code, by ticket; every state and refusal of the way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.server import PASSWORD, TEST_CODE, Browser, TestServer

ADA = "ada+clerk_test@example.com"


@pytest.fixture
async def ada(server: TestServer) -> dict[str, Any]:
    """A user who signed up earlier, on another device."""
    client = await server.browser().sign_up(ADA, first_name="Ada")
    return client["sessions"][0]["user"]


async def start(browser: Browser, **data: Any) -> dict[str, Any]:
    response = await browser.post("/v1/client/sign_ins", **data)
    assert response.status_code == 200, response.text
    return response.json()["response"]


def error_of(response: Any) -> tuple[int, str, str | None]:
    error = response.json()["errors"][0]
    return response.status_code, error["code"], error.get("meta", {}).get("param_name")


async def test_password_signs_in_with_one_request_that_answers_sign_in_and_session(
    server: TestServer, ada: dict[str, Any]
) -> None:
    response = await server.browser().post(
        "/v1/client/sign_ins", strategy="password", identifier=ADA, password=PASSWORD
    )

    body = response.json()
    assert body["response"]["status"] == "complete"
    assert body["response"]["created_session_id"] == body["client"]["last_active_session_id"]
    assert body["client"]["sessions"][0]["user"]["id"] == ada["id"]
    assert body["client"]["sign_in"] is None
    assert body["client"]["last_authentication_strategy"] == "password"


async def test_empty_sign_in_needs_an_identifier(server: TestServer) -> None:
    sign_in = await start(server.browser())

    assert sign_in["status"] == "needs_identifier"
    assert sign_in["supported_first_factors"] is None


async def test_identifier_shows_what_the_user_may_sign_in_with(
    server: TestServer, ada: dict[str, Any]
) -> None:
    sign_in = await start(server.browser(), identifier=ADA)

    assert sign_in["status"] == "needs_first_factor"
    strategies = [f["strategy"] for f in sign_in["supported_first_factors"]]
    assert strategies == ["password", "email_code", "reset_password_email_code"]
    assert sign_in["user_data"]["first_name"] == "Ada"
    code = sign_in["supported_first_factors"][1]
    assert code["safe_identifier"] == ADA
    assert code["email_address_id"] == ada["primary_email_address_id"]
    assert code["primary"] is True


async def test_address_is_found_without_case(server: TestServer, ada: dict[str, Any]) -> None:
    assert (await start(server.browser(), identifier=ADA.upper()))["status"] == "needs_first_factor"


async def test_code_signs_in(server: TestServer, ada: dict[str, Any]) -> None:
    browser = server.browser()
    sign_in = await start(browser, identifier=ADA)
    path = f"/v1/client/sign_ins/{sign_in['id']}"

    prepared = await browser.post(
        f"{path}/prepare_first_factor",
        strategy="email_code",
        email_address_id=ada["primary_email_address_id"],
    )
    done = await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=TEST_CODE)

    assert prepared.json()["response"]["first_factor_verification"]["status"] == "unverified"
    assert done.json()["response"]["status"] == "complete"
    assert done.json()["client"]["sessions"][0]["user"]["id"] == ada["id"]


async def test_strategy_with_the_identifier_sends_the_code_at_once(
    server: TestServer, ada: dict[str, Any]
) -> None:
    sign_in = await start(server.browser(), identifier=ADA, strategy="email_code")

    assert sign_in["first_factor_verification"]["strategy"] == "email_code"


async def test_wrong_password_is_told_at_its_field(server: TestServer, ada: dict[str, Any]) -> None:
    response = await server.browser().post(
        "/v1/client/sign_ins", strategy="password", identifier=ADA, password="wrong password"
    )

    assert error_of(response) == (422, "form_password_incorrect", "password")


async def test_unknown_address_is_told_at_its_field(server: TestServer) -> None:
    response = await server.browser().post("/v1/client/sign_ins", identifier="unknown@example.com")

    assert error_of(response) == (422, "form_identifier_not_found", "identifier")


async def test_malformed_address_is_told_at_its_field(server: TestServer) -> None:
    response = await server.browser().post("/v1/client/sign_ins", identifier="nonsense")

    assert error_of(response) == (422, "form_param_format_invalid", "identifier")


async def test_password_without_an_identifier_is_refused(server: TestServer) -> None:
    response = await server.browser().post("/v1/client/sign_ins", strategy="password", password="x")

    assert error_of(response) == (422, "form_param_missing", "identifier")


async def test_strategy_that_does_not_exist_is_refused(server: TestServer, ada: dict[str, Any]) -> None:
    response = await server.browser().post("/v1/client/sign_ins", identifier=ADA, strategy="telepathy")

    assert error_of(response) == (422, "form_param_value_invalid", "strategy")


async def test_wrong_code_counts_as_an_attempt(server: TestServer, ada: dict[str, Any]) -> None:
    browser = server.browser()
    sign_in = await start(browser, identifier=ADA, strategy="email_code")
    path = f"/v1/client/sign_ins/{sign_in['id']}/attempt_first_factor"

    response = await browser.post(path, strategy="email_code", code="000000")

    assert error_of(response) == (422, "form_code_incorrect", "code")
    with_client = response.json()["meta"]["client"]["sign_in"]
    assert with_client["first_factor_verification"]["attempts"] == 1


async def test_parallel_guesses_count_one_after_the_other(server: TestServer, ada: dict[str, Any]) -> None:
    browser = server.browser()
    sign_in = await start(browser, identifier=ADA, strategy="email_code")
    path = f"/v1/client/sign_ins/{sign_in['id']}/attempt_first_factor"

    guesses = await asyncio.gather(
        *(browser.post(path, strategy="email_code", code=f"{n:06d}") for n in range(30))
    )
    right = await browser.post(path, strategy="email_code", code=TEST_CODE)

    codes = [error_of(guess)[1] for guess in guesses]
    assert codes.count("form_code_incorrect") == 4
    assert error_of(right)[1] == "verification_failed"


async def test_parallel_right_codes_make_one_session(server: TestServer, ada: dict[str, Any]) -> None:
    browser = server.browser()
    sign_in = await start(browser, identifier=ADA, strategy="email_code")
    path = f"/v1/client/sign_ins/{sign_in['id']}/attempt_first_factor"

    answers = await asyncio.gather(
        *(browser.post(path, strategy="email_code", code=TEST_CODE) for _ in range(5))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400]
    assert len((await browser.get("/v1/client")).json()["response"]["sessions"]) == 1


async def test_code_of_one_sign_in_does_not_fit_another(server: TestServer, ada: dict[str, Any]) -> None:
    sign_in = await start(server.browser(), identifier=ADA, strategy="email_code")
    other = server.browser()
    await start(other, identifier=ADA)

    response = await other.post(
        f"/v1/client/sign_ins/{sign_in['id']}/attempt_first_factor", strategy="email_code", code=TEST_CODE
    )

    assert response.status_code == 404


async def test_attempt_before_prepare_is_refused(server: TestServer, ada: dict[str, Any]) -> None:
    browser = server.browser()
    sign_in = await start(browser, identifier=ADA)

    response = await browser.post(
        f"/v1/client/sign_ins/{sign_in['id']}/attempt_first_factor", strategy="email_code", code=TEST_CODE
    )

    assert error_of(response)[:2] == (400, "verification_missing")


async def test_address_of_another_user_cannot_be_prepared(server: TestServer, ada: dict[str, Any]) -> None:
    eve = (await server.browser().sign_up("eve+clerk_test@example.com"))["sessions"][0]["user"]
    browser = server.browser()
    sign_in = await start(browser, identifier=ADA)

    response = await browser.post(
        f"/v1/client/sign_ins/{sign_in['id']}/prepare_first_factor",
        strategy="email_code",
        email_address_id=eve["primary_email_address_id"],
    )

    assert error_of(response) == (422, "form_param_value_invalid", "email_address_id")


async def test_sign_in_while_signed_in_is_refused(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up(ADA)

    response = await browser.post("/v1/client/sign_ins", identifier=ADA)

    assert error_of(response)[:2] == (400, "session_exists")


async def test_new_sign_in_replaces_the_one_before(server: TestServer, ada: dict[str, Any]) -> None:
    browser = server.browser()
    first = await start(browser, identifier=ADA)

    second = await start(browser, identifier=ADA)

    assert (await browser.get("/v1/client")).json()["response"]["sign_in"]["id"] == second["id"]
    shown = await browser.get(f"/v1/client/sign_ins/{first['id']}")
    assert shown.json()["response"]["status"] == "abandoned"


async def test_sign_in_is_abandoned_after_a_day(server: TestServer, ada: dict[str, Any]) -> None:
    browser = server.browser()
    sign_in = await start(browser, identifier=ADA)
    server.clock.advance(seconds=24 * 3600 + 1)

    response = await browser.post(
        f"/v1/client/sign_ins/{sign_in['id']}/attempt_first_factor", strategy="password", password=PASSWORD
    )

    assert error_of(response)[0] == 400
    assert (await browser.get("/v1/client")).json()["response"]["sign_in"] is None


async def test_reload_during_a_sign_in_keeps_its_step(server: TestServer, ada: dict[str, Any]) -> None:
    browser = server.browser()
    sign_in = await start(browser, identifier=ADA, strategy="email_code")

    reloaded = (await browser.get("/v1/client")).json()["response"]["sign_in"]

    assert reloaded["id"] == sign_in["id"]
    assert reloaded["status"] == "needs_first_factor"
    assert reloaded["first_factor_verification"]["status"] == "unverified"


async def test_ticket_signs_in_once(server: TestServer, ada: dict[str, Any]) -> None:
    token = (await server.backend().post("/v1/sign_in_tokens", user_id=ada["id"])).json()["token"]

    first = await server.browser().post("/v1/client/sign_ins", strategy="ticket", ticket=token)
    second = await server.browser().post("/v1/client/sign_ins", strategy="ticket", ticket=token)

    assert first.json()["response"]["status"] == "complete"
    assert error_of(second)[:2] == (400, "ticket_invalid_code")


async def test_expired_ticket_says_so(server: TestServer, ada: dict[str, Any]) -> None:
    backend = server.backend()
    token = (await backend.post("/v1/sign_in_tokens", user_id=ada["id"], expires_in_seconds=60)).json()
    server.clock.advance(seconds=61)

    response = await server.browser().post("/v1/client/sign_ins", strategy="ticket", ticket=token["token"])

    assert error_of(response)[:2] == (400, "ticket_expired_code")


async def test_unknown_testing_token_is_ignored(server: TestServer) -> None:
    response = await server.browser().get("/v1/client", __clerk_testing_token="1-c_unknown")

    assert response.status_code == 200


async def test_mail_of_a_sign_in_says_that_it_signs_in(server: TestServer) -> None:
    await server.backend().add_user("bob@example.com")
    browser = server.browser()
    sign_in = await start(browser, identifier="bob@example.com")

    await browser.post(
        f"/v1/client/sign_ins/{sign_in['id']}/prepare_first_factor",
        strategy="email_code",
        email_address_id=sign_in["supported_first_factors"][0]["email_address_id"],
    )

    mail = (await browser.http.get("/inbox", params={"to": "bob@example.com"})).json()[0]
    assert "sign-in code" in mail["subject"]


async def test_picture_of_a_user_without_one_can_be_loaded(server: TestServer, ada: dict[str, Any]) -> None:
    browser = server.browser()

    shown = (await start(browser, identifier=ADA))["user_data"]["image_url"]

    assert shown == ada["image_url"]
    assert (await browser.http.get(shown)).headers["content-type"] == "image/svg+xml"
