"""Signing up: what is missing, what is verified, what becomes of it."""

from __future__ import annotations

from tests.support.server import PASSWORD, TEST_CODE, TestServer


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
