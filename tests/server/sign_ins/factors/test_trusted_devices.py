"""Sign-ins with a trusted device."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.factors.authenticator_apps import SECOND_FACTORS, AuthenticatorApp
from tests.support.factors.trusted_devices import (
    ADA,
    DEVICES,
    GRACE,
    Device,
    attempt_sign_in,
    begin_sign_in,
    challenge_of,
    enroll,
    prepare,
    with_device,
)
from tests.support.server import Browser, TestServer

NOT_FOUND = (400, "trusted_device_challenge_not_found", None)
NOT_REGISTERED = (422, "trusted_device_not_registered", "trusted_device_id")


@pytest.fixture
async def device(server: TestServer) -> Device:
    """Of Ada."""
    enrolled = Device()
    await with_device(server, enrolled)
    return enrolled


async def test_device_signs_in_without_an_identifier(server: TestServer, device: Device) -> None:
    browser = server.browser()
    sign_in = await begin_sign_in(browser, device.id)
    challenge = challenge_of(sign_in)

    done = (await attempt_sign_in(browser, sign_in, device.proof(challenge))).json()

    assert challenge["trusted_device_id"] == device.id
    assert abs(challenge["expires_at"] - server.clock.now_ms() // 1000 - 300) < 60
    assert done["response"]["status"] == "complete"
    assert done["client"]["sessions"][0]["user"]["primary_email_address_id"]
    assert done["client"]["last_authentication_strategy"] == "trusted_device"
    listed = (await browser.get("/v1/me/trusted_devices")).json()["response"]
    assert listed[0]["last_used_at"] >= listed[0]["created_at"]


async def test_challenge_can_be_asked_for_again(server: TestServer, device: Device) -> None:
    browser = server.browser()
    sign_in = await begin_sign_in(browser, device.id)
    path = f"/v1/client/sign_ins/{sign_in['id']}/prepare_first_factor"

    again = await browser.post(path, strategy="trusted_device", trusted_device_id=device.id)
    former = await attempt_sign_in(browser, sign_in, device.proof(challenge_of(sign_in)))
    sign_in = (await browser.post(path, strategy="trusted_device", trusted_device_id=device.id)).json()
    done = await attempt_sign_in(
        browser, sign_in["response"], device.proof(challenge_of(sign_in["response"]))
    )

    assert again.status_code == 200
    assert error_of(former)[:2] == (422, "trusted_device_invalid_client_data")
    assert done.json()["response"]["status"] == "complete"


async def test_device_never_skips_the_second_factor(server: TestServer) -> None:
    device = Device()
    await configure(server, SECOND_FACTORS)
    owner = await with_device(server, device)
    secret = (await owner.post("/v1/me/totp")).json()["response"]["secret"]
    code = AuthenticatorApp(server, secret).code()
    await owner.post("/v1/me/totp/attempt_verification", code=code)
    browser = server.browser()
    sign_in = await begin_sign_in(browser, device.id)

    answer = (await attempt_sign_in(browser, sign_in, device.proof(challenge_of(sign_in)))).json()

    assert answer["response"]["status"] == "needs_second_factor"
    assert answer["client"]["sessions"] == []
    offered = [one["strategy"] for one in answer["response"]["supported_second_factors"]]
    assert "totp" in offered
    assert "trusted_device" not in offered


async def test_answer_that_was_used_does_not_sign_in_again(server: TestServer, device: Device) -> None:
    browser = server.browser()
    sign_in = await begin_sign_in(browser, device.id)
    proof = device.proof(challenge_of(sign_in))
    await attempt_sign_in(browser, sign_in, proof)
    other = server.browser()
    another = await begin_sign_in(other, device.id)

    replayed = await attempt_sign_in(other, another, proof)

    assert error_of(replayed)[:2] == (422, "trusted_device_invalid_client_data")


async def test_challenge_of_a_sign_in_has_one_attempt(server: TestServer, device: Device) -> None:
    browser = server.browser()
    sign_in = await begin_sign_in(browser, device.id)
    challenge = challenge_of(sign_in)

    wrong = await attempt_sign_in(browser, sign_in, device.proof(challenge, signature=Device().sign("x")))
    right = await attempt_sign_in(browser, sign_in, device.proof(challenge))

    assert error_of(wrong)[:2] == (400, "trusted_device_signature_verification_failed")
    assert error_of(right) == NOT_FOUND


async def test_key_of_another_device_does_not_sign_in(server: TestServer, device: Device) -> None:
    theirs, browser = Device(), server.browser()
    eve = server.browser()
    await eve.sign_up(GRACE)
    await enroll(eve, theirs)
    sign_in = await begin_sign_in(browser, device.id)
    challenge = challenge_of(sign_in)
    text = challenge["client_data"]

    by_their_key = await attempt_sign_in(
        browser, sign_in, device.proof(challenge, signature=theirs.sign(text))
    )
    sign_in = await begin_sign_in(browser, device.id)
    as_their_device = await attempt_sign_in(
        browser, sign_in, theirs.proof(challenge_of(sign_in), trusted_device_id=theirs.id)
    )

    assert error_of(by_their_key)[:2] == (400, "trusted_device_signature_verification_failed")
    assert error_of(as_their_device) == NOT_FOUND


async def test_challenge_of_an_enrollment_does_not_sign_in(server: TestServer, device: Device) -> None:
    owner = server.browser()
    await owner.sign_in(ADA)
    challenge = (await prepare(owner, Device())).json()["response"]
    browser = server.browser()
    sign_in = await begin_sign_in(browser, device.id)

    refused = await attempt_sign_in(browser, sign_in, device.proof(challenge))

    assert error_of(refused)[:2] == (422, "trusted_device_invalid_client_data")


async def test_revoked_device_does_not_sign_in_not_even_in_a_sign_in_that_has_begun(
    server: TestServer, device: Device
) -> None:
    owner, browser = server.browser(), server.browser()
    await owner.sign_in(ADA)
    sign_in = await begin_sign_in(browser, device.id)
    await owner.delete(f"/v1/me/trusted_devices/{device.id}")

    begun = await attempt_sign_in(browser, sign_in, device.proof(challenge_of(sign_in)))
    fresh = await browser.post("/v1/client/sign_ins", strategy="trusted_device", trusted_device_id=device.id)

    assert error_of(begun) == NOT_REGISTERED
    assert error_of(fresh) == NOT_REGISTERED


async def test_device_of_another_instance_does_not_sign_in(server: TestServer, device: Device) -> None:
    await server.neighbour()
    await configure(server, DEVICES)
    elsewhere = server.browser(base_url="http://clerk.next-door-7.localhost:8787")

    refused = await elsewhere.post(
        "/v1/client/sign_ins", strategy="trusted_device", trusted_device_id=device.id
    )

    assert error_of(refused) == NOT_REGISTERED


async def test_device_of_a_banned_user_does_not_sign_in(server: TestServer, device: Device) -> None:
    users = (await server.backend().get("/v1/users")).json()
    await server.backend().post(f"/v1/users/{users[0]['id']}/ban")
    browser = server.browser()
    sign_in = await begin_sign_in(browser, device.id)

    refused = await attempt_sign_in(browser, sign_in, device.proof(challenge_of(sign_in)))

    assert error_of(refused)[:2] == (403, "user_banned")


async def test_fifty_parallel_answers_begin_one_session(server: TestServer, device: Device) -> None:
    browser = server.browser()
    sign_in = await begin_sign_in(browser, device.id)
    proof = device.proof(challenge_of(sign_in))

    answers = await asyncio.gather(*(attempt_sign_in(browser, sign_in, proof) for _ in range(50)))

    assert sorted({answer.status_code for answer in answers}) == [200, 400]
    assert [answer.status_code for answer in answers].count(200) == 1
    assert len((await browser.get("/v1/client")).json()["response"]["sessions"]) == 1


async def test_device_does_not_sign_in_where_devices_are_not_enabled_any_more(
    server: TestServer, device: Device
) -> None:
    browser = server.browser()
    sign_in = await begin_sign_in(browser, device.id)
    await configure(server, {"native": {"trusted_devices": False}})

    refused = await attempt_sign_in(browser, sign_in, device.proof(challenge_of(sign_in)))

    assert error_of(refused)[:2] == (403, "feature_not_enabled")


async def test_device_of_an_app_that_the_settings_name_no_more_does_not_sign_in(
    server: TestServer, device: Device
) -> None:
    await configure(server, {"native": {"ios": ["com.example.other"]}})

    refused = await server.browser().post(
        "/v1/client/sign_ins", strategy="trusted_device", trusted_device_id=device.id
    )

    assert error_of(refused) == NOT_REGISTERED


@pytest.mark.parametrize("missing", ["trusted_device_id", "client_data", "signature", "algorithm"])
async def test_answer_without_a_part_is_refused_and_does_not_use_up_the_challenge(
    server: TestServer, device: Device, missing: str
) -> None:
    browser = server.browser()
    sign_in = await begin_sign_in(browser, device.id)
    proof = device.proof(challenge_of(sign_in))

    refused = await attempt_sign_in(browser, sign_in, {k: v for k, v in proof.items() if k != missing})

    assert error_of(refused)[2] == missing
    assert (await attempt_sign_in(browser, sign_in, proof)).status_code == 200


async def test_signature_in_der_is_not_accepted(server: TestServer, device: Device) -> None:
    """One form, so that a signature cannot be written in two ways."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256

    from tests.support.factors.passkeys import base64url

    browser = server.browser()
    sign_in = await begin_sign_in(browser, device.id)
    challenge = challenge_of(sign_in)
    der = device.key.sign(challenge["client_data"].encode(), ec.ECDSA(SHA256()))

    refused = await attempt_sign_in(browser, sign_in, device.proof(challenge, signature=base64url(der)))

    assert error_of(refused)[:2] == (400, "trusted_device_signature_verification_failed")


async def test_signed_text_names_the_device_and_the_sign_in(server: TestServer, device: Device) -> None:
    sign_in = await begin_sign_in(server.browser(), device.id)

    signed = json.loads(challenge_of(sign_in)["client_data"])

    assert (signed["purpose"], signed["trusted_device_id"], signed["sign_in_id"]) == (
        "trusted_device.sign_in",
        device.id,
        sign_in["id"],
    )


async def test_another_browser_cannot_finish_the_sign_in(server: TestServer, device: Device) -> None:
    sign_in = await begin_sign_in(server.browser(), device.id)
    other: Browser = server.browser()
    await begin_sign_in(other, device.id)

    refused = await attempt_sign_in(other, sign_in, device.proof(challenge_of(sign_in)))

    assert refused.status_code in (400, 404)
