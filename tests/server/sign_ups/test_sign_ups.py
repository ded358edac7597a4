"""Signing up: what is missing, what is verified, what becomes of it."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.answers import error_of
from tests.support.server import PASSWORD, TEST_CODE, Browser, TestServer

ADA = "ada+clerk_test@example.com"


async def test_complete_sign_up_signs_the_person_in(server: TestServer) -> None:
    client = await server.browser().sign_up("ada+clerk_test@example.com", first_name="Ada")

    session = client["sessions"][0]
    assert session["status"] == "active"
    assert session["user"]["first_name"] == "Ada"
    assert session["user"]["email_addresses"][0]["verification"]["status"] == "verified"
    assert client["last_active_session_id"] == session["id"]
    assert client["sign_up"] is None


async def test_sign_up_without_fields_says_what_is_missing(server: TestServer) -> None:
    response = await server.browser().post("/v1/client/sign_ups")

    sign_up = response.json()["response"]
    assert sign_up["status"] == "missing_requirements"
    assert sign_up["missing_fields"] == ["email_address", "password"]
    assert sign_up["unverified_fields"] == []


async def test_wrong_code_counts_as_an_attempt(server: TestServer) -> None:
    browser = server.browser()
    started = await browser.begin_sign_up("ada+clerk_test@example.com")

    path = f"/v1/client/sign_ups/{started['id']}/attempt_verification"
    response = await browser.post(path, strategy="email_code", code="000000")

    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "form_code_incorrect"
    assert response.json()["errors"][0]["meta"] == {"param_name": "code"}
    sign_up = (await browser.get(f"/v1/client/sign_ups/{started['id']}")).json()["response"]
    assert sign_up["verifications"]["email_address"]["attempts"] == 1


async def test_verification_fails_after_five_wrong_codes(server: TestServer) -> None:
    browser = server.browser()
    started = await browser.begin_sign_up("ada+clerk_test@example.com")
    path = f"/v1/client/sign_ups/{started['id']}/attempt_verification"

    codes = [
        (await browser.post(path, strategy="email_code", code="000000")).json()["errors"][0]["code"]
        for _ in range(5)
    ]
    right = await browser.post(path, strategy="email_code", code=TEST_CODE)

    assert codes == ["form_code_incorrect"] * 4 + ["verification_failed"]
    assert right.json()["errors"][0]["code"] == "verification_failed"


async def test_code_expires_after_ten_minutes(server: TestServer) -> None:
    browser = server.browser()
    started = await browser.begin_sign_up("ada+clerk_test@example.com")
    server.clock.advance(seconds=601)

    path = f"/v1/client/sign_ups/{started['id']}/attempt_verification"
    response = await browser.post(path, strategy="email_code", code=TEST_CODE)

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "verification_expired"


async def test_taken_address_is_refused(server: TestServer) -> None:
    await server.browser().sign_up("ada+clerk_test@example.com")

    response = await server.browser().post(
        "/v1/client/sign_ups", email_address="ADA+clerk_test@example.com", password=PASSWORD
    )

    assert response.status_code == 422
    error = response.json()["errors"][0]
    assert (error["code"], error["meta"]["param_name"]) == ("form_identifier_exists", "email_address")


async def test_every_bad_field_is_named_at_once(server: TestServer) -> None:
    response = await server.browser().post(
        "/v1/client/sign_ups", email_address="nonsense", password="short", first_name="x" * 300
    )

    errors = {e["meta"]["param_name"]: e["code"] for e in response.json()["errors"]}
    assert errors == {
        "email_address": "form_param_format_invalid",
        "password": "form_password_length_too_short",
        "first_name": "form_param_max_length_exceeded",
    }


async def test_verification_is_shown_from_its_preparation_on(server: TestServer) -> None:
    browser = server.browser()
    created = await browser.post("/v1/client/sign_ups", email_address="ada@example.com", password=PASSWORD)
    sign_up = created.json()["response"]
    assert sign_up["unverified_fields"] == ["email_address"]
    assert sign_up["verifications"]["email_address"] is None

    path = f"/v1/client/sign_ups/{sign_up['id']}/prepare_verification"
    shown = (await browser.post(path, strategy="email_code")).json()["response"]["verifications"]

    assert shown["email_address"]["status"] == "unverified"
    assert shown["email_address"]["next_action"] == "needs_attempt"


# --- the attempt itself -------------------------------------------------------------------------------------


async def begin(browser: Browser, **fields: Any) -> tuple[str, dict[str, Any]]:
    """A new sign-up: its path and what it shows."""
    response = await browser.post("/v1/client/sign_ups", **fields)
    assert response.status_code == 200, response.text
    sign_up = response.json()["response"]
    return f"/v1/client/sign_ups/{sign_up['id']}", sign_up


async def test_fields_can_be_given_one_after_the_other(server: TestServer) -> None:
    browser = server.browser()
    path, _ = await begin(browser, first_name="Ada")

    await browser.patch(path, email_address=ADA)
    await browser.post(f"{path}/prepare_verification", strategy="email_code")
    verified = await browser.post(f"{path}/attempt_verification", strategy="email_code", code=TEST_CODE)
    sign_up = verified.json()["response"]
    assert (sign_up["status"], sign_up["missing_fields"]) == ("missing_requirements", ["password"])
    assert sign_up["verifications"]["email_address"]["status"] == "verified"
    done = (await browser.patch(path, password=PASSWORD)).json()

    assert done["response"]["status"] == "complete"
    assert done["client"]["sessions"][0]["id"] == done["response"]["created_session_id"]
    user = done["client"]["sessions"][0]["user"]
    assert (user["id"], user["first_name"]) == (done["response"]["created_user_id"], "Ada")


async def test_strategy_with_the_fields_sends_the_code_at_once(server: TestServer) -> None:
    _, sign_up = await begin(
        server.browser(), email_address="ada@example.com", password=PASSWORD, strategy="email_code"
    )

    assert sign_up["verifications"]["email_address"]["next_action"] == "needs_attempt"
    assert len(await server.messages("ada@example.com")) == 1


async def test_another_address_must_be_verified_anew(server: TestServer) -> None:
    browser = server.browser()
    path, _ = await begin(browser, email_address=ADA)
    await browser.post(f"{path}/prepare_verification", strategy="email_code")
    await browser.post(f"{path}/attempt_verification", strategy="email_code", code=TEST_CODE)

    sign_up = (await browser.patch(path, email_address="eve@example.com")).json()["response"]

    assert sign_up["unverified_fields"] == ["email_address"]
    assert sign_up["verifications"]["email_address"] is None
    attempt = await browser.post(f"{path}/attempt_verification", strategy="email_code", code=TEST_CODE)
    assert error_of(attempt)[:2] == (400, "verification_missing")


async def test_new_code_replaces_the_one_before(server: TestServer) -> None:
    browser = server.browser()
    path, _ = await begin(browser, email_address="ada@example.com", password=PASSWORD)
    for _ in range(2):
        await browser.post(f"{path}/prepare_verification", strategy="email_code")
    newest, former = [message["code"] for message in await server.messages("ada@example.com")]
    assert newest != former  # one in a million says otherwise

    refused = await browser.post(f"{path}/attempt_verification", strategy="email_code", code=former)
    accepted = await browser.post(f"{path}/attempt_verification", strategy="email_code", code=newest)

    assert error_of(refused) == (422, "form_code_incorrect", "code")
    assert accepted.json()["response"]["status"] == "complete"


async def test_verification_without_an_address_or_a_known_strategy_is_refused(server: TestServer) -> None:
    browser = server.browser()
    path, _ = await begin(browser, password=PASSWORD)

    nothing = await browser.post(f"{path}/prepare_verification", strategy="email_code")
    unknown = await browser.post(f"{path}/prepare_verification", strategy="carrier_pigeon")
    unnamed = await browser.post(f"{path}/prepare_verification")

    assert error_of(nothing) == (422, "form_param_missing", "email_address")
    assert error_of(unknown)[:2] == (422, "form_param_value_invalid")
    assert error_of(unnamed) == (422, "form_param_missing", "strategy")


async def test_complete_sign_up_is_over(server: TestServer) -> None:
    browser = server.browser()
    started = await browser.begin_sign_up(ADA)
    path = f"/v1/client/sign_ups/{started['id']}"
    await browser.post(f"{path}/attempt_verification", strategy="email_code", code=TEST_CODE)

    for response in (
        await browser.patch(path, first_name="Eve"),
        await browser.post(f"{path}/prepare_verification", strategy="email_code"),
        await browser.post(f"{path}/attempt_verification", strategy="email_code", code=TEST_CODE),
    ):
        assert response.status_code == 400
    assert (await browser.get(path)).json()["response"]["status"] == "complete"


async def test_sign_up_is_abandoned_after_a_day(server: TestServer) -> None:
    browser = server.browser()
    path, sign_up = await begin(browser, email_address=ADA)
    server.clock.advance(seconds=24 * 3600)

    assert (await browser.get(path)).json()["response"]["status"] == "abandoned"
    assert (await browser.patch(path, password=PASSWORD)).status_code == 400
    assert (await browser.get("/v1/client")).json()["response"]["sign_up"] is None
    assert sign_up["abandon_at"] <= server.clock.now_ms()


async def test_sign_up_of_another_browser_is_not_found(server: TestServer) -> None:
    path, _ = await begin(server.browser(), email_address=ADA, password=PASSWORD)
    stranger = server.browser()
    await begin(stranger)

    assert error_of(await stranger.get(path))[:2] == (404, "resource_not_found")
    assert error_of(await server.browser().get(path))[:2] == (401, "signed_out")


async def test_two_browsers_cannot_both_get_an_address(server: TestServer) -> None:
    browsers = [server.browser() for _ in range(4)]
    paths = [
        f"/v1/client/sign_ups/{(await browser.begin_sign_up(ADA))['id']}/attempt_verification"
        for browser in browsers
    ]

    answers = await asyncio.gather(
        *(
            browser.post(path, strategy="email_code", code=TEST_CODE)
            for browser, path in zip(browsers, paths, strict=True)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422]
    lost = [answer for answer in answers if answer.status_code == 422]
    assert {error_of(answer)[1] for answer in lost} == {"form_identifier_exists"}
    assert len((await server.backend().get("/v1/users")).json()) == 1


async def test_sign_up_while_signed_in_is_refused(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up(ADA)

    response = await browser.post("/v1/client/sign_ups", email_address="eve@example.com")

    assert error_of(response)[:2] == (400, "session_exists")


async def test_own_metadata_is_kept_and_has_a_limit(server: TestServer) -> None:
    browser = server.browser()
    path, sign_up = await begin(browser, unsafe_metadata='{"plan": "seedling"}')
    assert sign_up["unsafe_metadata"] == {"plan": "seedling"}

    refused = await browser.patch(path, unsafe_metadata='{"x": "' + "y" * 9000 + '"}')

    assert refused.status_code == 422
    assert (await browser.get(path)).json()["response"]["unsafe_metadata"] == {"plan": "seedling"}


async def test_unknown_ticket_or_transfer_is_refused(server: TestServer) -> None:
    browser = server.browser()

    assert (await browser.post("/v1/client/sign_ups", strategy="ticket", ticket="x.y.z")).status_code == 400
    assert (await browser.post("/v1/client/sign_ups", transfer="true")).status_code == 400
