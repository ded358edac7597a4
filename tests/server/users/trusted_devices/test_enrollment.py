"""Trusted devices of the signed-in user: enrolled, listed, validated, revoked."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.factors.passkeys import signed_up_by_mail
from tests.support.factors.trusted_devices import (
    ADA,
    APP,
    DEVICES,
    GRACE,
    Device,
    attempt,
    enroll,
    prepare,
    with_device,
)
from tests.support.server import Browser, TestServer

NOT_FOUND = (400, "trusted_device_challenge_not_found", None)


@pytest.fixture
async def ada(server: TestServer) -> Browser:
    await configure(server, DEVICES)
    browser = server.browser()
    await browser.sign_up(ADA)
    return browser


async def test_device_is_enrolled_by_the_signature_of_its_key(server: TestServer, ada: Browser) -> None:
    device = Device()

    enrolled = await enroll(ada, device)

    listed = (await ada.get("/v1/me/trusted_devices")).json()["response"]
    assert listed == [enrolled]
    assert (enrolled["status"], enrolled["name"], enrolled["app_identifier"]) == (
        "active",
        "Ada's phone",
        APP,
    )
    assert (enrolled["last_used_at"], enrolled["revoked_at"]) == (None, None)


async def test_challenge_is_random_for_five_minutes_and_says_all_that_it_is_for(
    server: TestServer, ada: Browser
) -> None:
    device = Device()

    one, other = [(await prepare(ada, device)).json()["response"] for _ in range(2)]

    signed = json.loads(one["client_data"])
    assert one["challenge"] != other["challenge"]
    assert len(one["challenge"]) == 43, "32 bytes"
    assert abs(one["expires_at"] - server.clock.now_ms() // 1000 - 300) < 60
    assert signed["purpose"] == "trusted_device.enrollment"
    assert signed["public_key_thumbprint"] == device.thumbprint
    assert (signed["challenge"], signed["challenge_id"]) == (one["challenge"], one["challenge_id"])
    assert signed["issuer"].startswith("https://clerk.")


async def test_user_is_told_of_a_new_device_by_mail(server: TestServer) -> None:
    await configure(server, DEVICES)
    await enroll(await signed_up_by_mail(server, "ada@example.com"), Device())

    (notice, *_) = await server.messages("ada@example.com")

    assert notice["kind"] == "trusted_device_added"
    assert "Ada's phone" in notice["text"]


async def test_newer_sdks_reach_the_same_by_another_name(server: TestServer, ada: Browser) -> None:
    device = Device()
    path = "/v1/me/biometric_credentials"
    challenge = (await ada.post(f"{path}/prepare", **device.described())).json()["response"]
    text = challenge["client_data"]
    proof = device.described(client_data=text, signature=device.sign(text))
    enrolled = (await ada.post(f"{path}/attempt", **proof)).json()["response"]

    by_either = [(await ada.get(name)).json()["response"] for name in (path, "/v1/me/trusted_devices")]
    revoked = (await ada.delete(f"{path}/{enrolled['id']}")).json()["response"]

    assert by_either == [[enrolled], [enrolled]]
    assert revoked["status"] == "revoked"


async def test_challenge_is_not_accepted_twice(server: TestServer, ada: Browser) -> None:
    device = Device()
    challenge = (await prepare(ada, device)).json()["response"]
    await attempt(ada, device, challenge)
    await ada.delete(f"/v1/me/trusted_devices/{await _only(ada)}")

    assert error_of(await attempt(ada, device, challenge)) == NOT_FOUND


async def test_challenge_is_not_accepted_after_a_wrong_signature(server: TestServer, ada: Browser) -> None:
    device = Device()
    challenge = (await prepare(ada, device)).json()["response"]

    wrong = await attempt(ada, device, challenge, signature=Device().sign(challenge["client_data"]))

    assert error_of(wrong)[:2] == (400, "trusted_device_signature_verification_failed")
    assert error_of(await attempt(ada, device, challenge)) == NOT_FOUND


async def test_challenge_is_not_accepted_after_five_minutes(server: TestServer, ada: Browser) -> None:
    device = Device()
    challenge = (await prepare(ada, device)).json()["response"]
    server.clock.advance(seconds=301)

    assert error_of(await attempt(ada, device, challenge))[:2] == (400, "trusted_device_challenge_expired")


async def test_challenge_of_another_user_is_not_accepted_and_not_used_up(
    server: TestServer, ada: Browser
) -> None:
    device, eve = Device(), server.browser()
    await eve.sign_up(GRACE)
    challenge = (await prepare(ada, device)).json()["response"]

    stolen = await attempt(eve, device, challenge)

    assert error_of(stolen) == NOT_FOUND
    assert (await attempt(ada, device, challenge)).status_code == 200


async def test_challenge_of_another_session_of_the_user_is_not_accepted(
    server: TestServer, ada: Browser
) -> None:
    device, elsewhere = Device(), server.browser()
    await elsewhere.sign_in(ADA)
    challenge = (await prepare(ada, device)).json()["response"]

    assert error_of(await attempt(elsewhere, device, challenge)) == NOT_FOUND


async def test_key_that_was_not_prepared_is_not_enrolled(server: TestServer, ada: Browser) -> None:
    challenge = (await prepare(ada, Device())).json()["response"]

    refused = await attempt(ada, Device(), challenge)

    assert error_of(refused)[:2] == (422, "trusted_device_binding_mismatch")
    assert await _all(ada) == []


async def test_text_that_was_not_issued_is_not_accepted(server: TestServer, ada: Browser) -> None:
    device = Device()
    challenge = (await prepare(ada, device)).json()["response"]
    forged = json.dumps(json.loads(challenge["client_data"]) | {"purpose": "trusted_device.sign_in"})

    refused = await attempt(ada, device, challenge, client_data=forged, signature=device.sign(forged))

    assert error_of(refused)[:2] == (422, "trusted_device_invalid_client_data")


@pytest.mark.parametrize("text", ["", "{}", "null", "[" * 3000, "not json", '{"challenge_id": 1}'])
async def test_text_that_is_no_challenge_is_refused(server: TestServer, ada: Browser, text: str) -> None:
    device = Device()
    challenge = (await prepare(ada, device)).json()["response"]

    refused = await attempt(ada, device, challenge, client_data=text)

    assert refused.status_code in (400, 422)
    assert await _all(ada) == []


@pytest.mark.parametrize(
    "change",
    [
        {"crv": "P-384"},
        {"kty": "RSA"},
        {"x": "AAAA"},
        {"x": "A" * 43},  # not on the curve
        {"y": None},
        {"y": 1},
        {"d": "A" * 43},
        {"x": "A" * 42 + "="},
    ],
)
async def test_key_that_is_no_public_key_of_the_curve_is_refused(
    server: TestServer, ada: Browser, change: dict[str, Any]
) -> None:
    device = Device()

    refused = await prepare(ada, device, public_key_jwk=json.dumps(device.jwk | change))

    assert error_of(refused) == (422, "trusted_device_invalid_public_key", "public_key_jwk")


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "[" * 600])
async def test_key_that_is_no_jwk_is_refused(server: TestServer, ada: Browser, text: str) -> None:
    assert (await prepare(ada, Device(), public_key_jwk=text)).status_code == 422


async def test_app_that_the_settings_do_not_name_is_refused(server: TestServer, ada: Browser) -> None:
    other = await prepare(ada, Device(app_identifier="com.evil.app"))
    await configure(server, {"native": {"android": []}})
    other_platform = await prepare(ada, Device(platform="android"))

    for refused in (other, other_platform):
        assert error_of(refused)[:2] == (400, "trusted_device_app_identifier_not_configured")


async def test_key_is_not_enrolled_twice_not_even_by_another_user(server: TestServer, ada: Browser) -> None:
    device, eve = Device(), server.browser()
    await eve.sign_up(GRACE)
    await enroll(ada, device)

    for browser in (ada, eve):
        assert error_of(await prepare(browser, device))[:2] == (409, "trusted_device_already_enrolled")


async def test_user_has_ten_devices_at_most(server: TestServer, ada: Browser) -> None:
    for _ in range(10):
        await enroll(ada, Device())

    refused = await prepare(ada, Device())

    assert error_of(refused)[:2] == (400, "trusted_device_credential_quota_exceeded")


async def test_fifty_parallel_attempts_enroll_one_device(server: TestServer, ada: Browser) -> None:
    device = Device()
    challenge = (await prepare(ada, device)).json()["response"]

    answers = await asyncio.gather(*(attempt(ada, device, challenge) for _ in range(50)))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 49
    assert len(await _all(ada)) == 1


async def test_devices_are_not_enrolled_where_they_are_not_enabled(server: TestServer, ada: Browser) -> None:
    await configure(server, {"native": {"trusted_devices": False}})

    assert error_of(await prepare(ada, Device()))[:2] == (403, "feature_not_enabled")


async def test_old_session_does_not_enroll_a_device_without_reverification(
    server: TestServer, ada: Browser
) -> None:
    server.clock.advance(seconds=601)

    refused = await prepare(ada, Device())

    assert error_of(refused)[:2] == (403, "session_reverification_required")


async def test_device_of_another_user_is_not_revoked(server: TestServer) -> None:
    device, eve = Device(), server.browser()
    ada = await with_device(server, device)
    await eve.sign_up(GRACE)

    refused = await eve.delete(f"/v1/me/trusted_devices/{device.id}")

    assert refused.status_code == 404
    assert await _only(ada) == device.id


async def test_revoked_device_is_not_valid_any_more(server: TestServer) -> None:
    device = Device()
    ada = await with_device(server, device)
    path = "/v1/client/trusted_devices/validate"
    before = await server.browser().post(path, trusted_device_id=device.id)

    revoked = (await ada.delete(f"/v1/me/trusted_devices/{device.id}")).json()["response"]

    after = await server.browser().post(path, trusted_device_id=device.id)
    assert [one.json()["response"]["valid"] for one in (before, after)] == [True, False]
    assert (revoked["status"], revoked["revoked_at"]) == ("revoked", revoked["updated_at"])
    assert await _all(ada) == []


async def test_device_of_another_instance_is_not_valid(server: TestServer) -> None:
    device = Device()
    await with_device(server, device)
    await server.neighbour()
    await configure(server, DEVICES)
    elsewhere = server.browser(base_url="http://clerk.next-door-7.localhost:8787")

    answer = await elsewhere.post("/v1/client/trusted_devices/validate", trusted_device_id=device.id)

    assert answer.json()["response"]["valid"] is False


async def test_backend_lists_and_revokes_devices_of_the_user_alone(server: TestServer) -> None:
    device, backend = Device(), server.backend()
    ada = await with_device(server, device)
    user_id = (await ada.get("/v1/me")).json()["response"]["id"]
    other = server.browser()
    await other.sign_up(GRACE)
    other_id = (await other.get("/v1/me")).json()["response"]["id"]

    listed = (await backend.get(f"/v1/users/{user_id}/trusted_devices")).json()
    of_another = await backend.delete(f"/v1/users/{other_id}/trusted_devices/{device.id}")
    revoked = await backend.delete(f"/v1/users/{user_id}/trusted_devices/{device.id}")
    unknown = await backend.get("/v1/users/user_x/trusted_devices")

    assert (listed["total_count"], listed["data"][0]["id"]) == (1, device.id)
    assert (of_another.status_code, unknown.status_code) == (404, 404)
    assert revoked.json()["status"] == "revoked"
    assert await _all(ada) == []


async def test_environment_says_that_devices_can_be_enrolled(server: TestServer) -> None:
    before = (await server.browser().get("/v1/environment")).json()["auth_config"]["native_settings"]
    await configure(server, DEVICES | {"native": {**DEVICES["native"], "prompt_after_sign_in": True}})
    after = (await server.browser().get("/v1/environment")).json()["auth_config"]["native_settings"]

    assert before["trusted_device_sign_in_enabled"] is False
    assert after["trusted_device_sign_in_enabled"] is True
    assert after["trusted_device_enrollment_prompt_after_sign_in_enabled"] is True
    assert after["trusted_device_enrollment_prompt_after_sign_up_enabled"] is False


async def _all(browser: Browser) -> list[Any]:
    return (await browser.get("/v1/me/trusted_devices")).json()["response"]


async def _only(browser: Browser) -> str:
    (device,) = await _all(browser)
    return device["id"]
