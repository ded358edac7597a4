"""Signed-in users register a passkey."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.factors.passkeys import (
    ADA,
    PASSKEYS,
    Authenticator,
    attempt_registration,
    options_in,
    register,
    sign_in_with,
    signed_up_by_mail,
    with_passkey,
)
from tests.support.server import Browser, JsonObject, TestServer


@pytest.fixture
async def ada(server: TestServer) -> Browser:
    await configure(server, PASSKEYS)
    browser = server.browser()
    await browser.sign_up(ADA)
    return browser


async def passkeys_of(browser: Browser) -> list[JsonObject]:
    return (await browser.get("/v1/me")).json()["response"]["passkeys"]


async def test_options_ask_for_a_discoverable_passkey_with_user_verification(ada: Browser) -> None:
    user = (await ada.get("/v1/me")).json()["response"]
    begun = (await ada.post("/v1/me/passkeys")).json()["response"]

    options = options_in(begun["verification"])
    assert (begun["object"], begun["verification"]["status"]) == ("passkey", "unverified")
    assert options["rp"] == {"id": "localhost", "name": "My application"}
    assert options["user"]["name"] == ADA
    assert user["id"] not in options["user"].values(), "it is base64url"
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert options["attestation"] == "none"
    assert len(options["challenge"]) == 43, "32 bytes"
    assert begun["verification"]["expire_at"] - begun["created_at"] == 5 * 60 * 1000


async def test_passkey_counts_when_it_is_verified_and_not_before(ada: Browser) -> None:
    begun = (await ada.post("/v1/me/passkeys")).json()["response"]
    before = await passkeys_of(ada)
    read_before = (await ada.get(f"/v1/me/passkeys/{begun['id']}")).json()["response"]

    credential = Authenticator().create(options_in(begun["verification"]))
    done = (await attempt_registration(ada, begun, credential)).json()["response"]

    read_after = (await ada.get(f"/v1/me/passkeys/{begun['id']}")).json()["response"]
    assert before == []
    assert read_before["verification"]["nonce"] == begun["verification"]["nonce"]
    assert await passkeys_of(ada) == [done] == [read_after]
    assert (done["verification"]["status"], done["last_used_at"]) == ("verified", None)
    assert "nonce" not in done["verification"]


@pytest.mark.parametrize(
    ("aaguid", "name"),
    [
        ("fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "iCloud Keychain"),
        ("08987058-cadc-4b81-b6e1-30de50dcbe96", "Windows Hello"),
        ("00000000-0000-0000-0000-000000000000", "Passkey"),
    ],
)
async def test_new_passkey_is_called_after_its_authenticator(ada: Browser, aaguid: str, name: str) -> None:
    done = await register(ada, Authenticator(aaguid=aaguid))

    assert done.json()["response"]["name"] == name


async def test_authenticator_that_has_a_passkey_already_is_told_so(server: TestServer) -> None:
    authenticator = Authenticator()
    browser, _ = await with_passkey(server, authenticator)

    begun = (await browser.post("/v1/me/passkeys")).json()["response"]

    excluded = options_in(begun["verification"])["excludeCredentials"]
    own_id = json.loads(authenticator.get({"challenge": ""}))["id"]
    assert excluded == [{"type": "public-key", "id": own_id, "transports": ["internal", "hybrid"]}]


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost.evil.example:3000"},
        {"origin": "null"},
        {"origin": 7},
        {"rp_id": "evil.example"},
        {"uv": False},
        {"up": False},
        {"cross_origin": True},
        {"type": "webauthn.get"},
        {"challenge": "b3RoZXI"},
        {"backup": 0x10},
    ],
    ids=str,
)
async def test_wrong_answer_registers_nothing_and_uses_the_challenge_up(
    ada: Browser, changes: dict[str, Any]
) -> None:
    begun = (await ada.post("/v1/me/passkeys")).json()["response"]
    options = options_in(begun["verification"])

    refused = await attempt_registration(ada, begun, Authenticator().create(options, **changes))
    right_too_late = await attempt_registration(ada, begun, Authenticator().create(options))

    assert error_of(refused)[:2] == (400, "passkey_registration_failure")
    assert error_of(right_too_late)[:2] == (400, "passkey_invalid_verification")
    assert await passkeys_of(ada) == []


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "{",
        "[]",
        "null",
        '{"id": "a"}',
        '{"type":"public-key","id":"A","rawId":"A","response":{"clientDataJSON":"A","attestationObject":"A"}}',
        "[" * 5000,
        f'{{"padding": "{"x" * 33_000}"}}',
    ],
)
async def test_credential_that_is_none_is_refused(ada: Browser, credential: str) -> None:
    begun = (await ada.post("/v1/me/passkeys")).json()["response"]

    refused = await attempt_registration(ada, begun, credential)

    assert error_of(refused) == (
        422,
        "passkey_invalid_public_key_credential",
        "public_key_credential",
    )


async def test_credential_with_a_longer_id_than_any_has_is_refused(ada: Browser) -> None:
    authenticator = Authenticator()
    authenticator.credential_id = bytes(1024)

    assert error_of(await register(ada, authenticator))[:2] == (400, "passkey_registration_failure")


async def test_broken_attestation_is_refused(ada: Browser) -> None:
    begun = (await ada.post("/v1/me/passkeys")).json()["response"]
    credential = json.loads(Authenticator().create(options_in(begun["verification"])))
    credential["response"]["attestationObject"] = "o2NmbXRkbm9uZQ"

    refused = await attempt_registration(ada, begun, json.dumps(credential))

    assert error_of(refused)[:2] == (400, "passkey_registration_failure")


async def test_challenge_expires_after_five_minutes(server: TestServer, ada: Browser) -> None:
    begun = (await ada.post("/v1/me/passkeys")).json()["response"]
    credential = Authenticator().create(options_in(begun["verification"]))

    server.clock.advance(seconds=5 * 60)
    refused = await attempt_registration(ada, begun, credential)

    assert error_of(refused)[:2] == (400, "verification_expired")
    assert await passkeys_of(ada) == []


async def test_challenge_registers_one_passkey_however_often_it_is_answered(ada: Browser) -> None:
    begun = (await ada.post("/v1/me/passkeys")).json()["response"]
    options = options_in(begun["verification"])
    credentials = [Authenticator().create(options) for _ in range(10)]

    answers = await asyncio.gather(*(attempt_registration(ada, begun, one) for one in credentials))

    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 9]
    assert len(await passkeys_of(ada)) == 1


async def test_passkey_of_another_user_is_not_registered_again(server: TestServer) -> None:
    authenticator = Authenticator()
    await with_passkey(server, authenticator)
    grace = server.browser()
    await grace.sign_up("grace+clerk_test@example.com")

    refused = await register(grace, authenticator)

    assert error_of(refused)[:2] == (400, "passkey_registration_failure")
    assert await passkeys_of(grace) == []


async def test_challenge_of_another_user_is_not_found(server: TestServer, ada: Browser) -> None:
    begun = (await ada.post("/v1/me/passkeys")).json()["response"]
    grace = server.browser()
    await grace.sign_up("grace+clerk_test@example.com")
    credential = Authenticator().create(options_in(begun["verification"]))

    assert error_of(await attempt_registration(grace, begun, credential))[0] == 404
    assert error_of(await grace.get(f"/v1/me/passkeys/{begun['id']}"))[0] == 404


async def test_eleventh_passkey_is_refused(ada: Browser) -> None:
    for _ in range(9):
        assert (await register(ada, Authenticator())).status_code == 200
    tenth, eleventh = [(await ada.post("/v1/me/passkeys")).json()["response"] for _ in range(2)]

    answers = [
        await attempt_registration(ada, one, Authenticator().create(options_in(one["verification"])))
        for one in (tenth, eleventh)
    ]

    assert answers[0].status_code == 200
    assert error_of(answers[1])[:2] == (403, "passkey_quota_exceeded")
    assert error_of(await ada.post("/v1/me/passkeys"))[:2] == (403, "passkey_quota_exceeded")
    assert len(await passkeys_of(ada)) == 10


async def test_old_session_must_be_reverified_first(server: TestServer, ada: Browser) -> None:
    server.clock.advance(seconds=11 * 60)

    refused = await ada.post("/v1/me/passkeys")

    assert error_of(refused)[:2] == (403, "session_reverification_required")


async def test_instance_without_passkeys_refuses(server: TestServer, ada: Browser) -> None:
    await configure(server, {"attributes": {"passkey": {"enabled": False}}})

    assert error_of(await ada.post("/v1/me/passkeys"))[:2] == (403, "feature_not_enabled")


async def test_impersonator_registers_nothing(server: TestServer) -> None:
    await configure(server, PASSKEYS)
    backend = server.backend()
    user, admin = await backend.add_user(), await backend.add_user("admin@example.com")
    token = await backend.post("/v1/actor_tokens", user_id=user["id"], actor={"sub": admin["id"]})
    browser = server.browser()
    ticket = token.json()["token"]
    signed_in = await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=ticket)
    assert signed_in.json()["response"]["status"] == "complete", signed_in.text

    assert error_of(await browser.post("/v1/me/passkeys"))[0] == 403


async def test_user_is_told_of_a_new_passkey_by_mail(server: TestServer) -> None:
    await configure(server, PASSKEYS)
    browser = await signed_up_by_mail(server, "ada@example.com")

    await register(browser, Authenticator())

    message = (await server.messages("ada@example.com"))[0]
    assert message["kind"] == "passkey_added"
    assert "iCloud Keychain" in message["text"]


async def test_passkeys_go_with_their_user(server: TestServer) -> None:
    authenticator = Authenticator()
    browser, _ = await with_passkey(server, authenticator)
    user_id = (await browser.get("/v1/me")).json()["response"]["id"]

    await server.backend().delete(f"/v1/users/{user_id}")

    refused = await sign_in_with(server.browser(), authenticator)
    assert error_of(refused)[:2] == (404, "passkey_not_registered")


async def test_unfinished_registration_goes_after_a_day_and_a_registered_passkey_stays(
    server: TestServer,
) -> None:
    browser, passkey = await with_passkey(server, Authenticator())
    unfinished = (await browser.post("/v1/me/passkeys")).json()["response"]
    server.clock.advance(seconds=25 * 3600)

    await server.app.purger.run()

    assert (await browser.get(f"/v1/me/passkeys/{passkey['id']}")).status_code == 200
    assert (await browser.get(f"/v1/me/passkeys/{unfinished['id']}")).status_code == 404
