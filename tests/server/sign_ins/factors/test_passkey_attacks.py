"""Uses of passkeys that must not sign in: forged, foreign, too old, or with a counter that went back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.factors.passkeys import (
    ADA,
    PASSKEYS,
    Authenticator,
    attempt_sign_in,
    begin_sign_in,
    options_of,
    register,
    sign_in_with,
    signed_up_by_mail,
    with_passkey,
)
from tests.support.server import TestServer


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost.evil.example:3000"},
        {"origin": "https://localhost@evil.example"},
        {"origin": "http://elsewhere.localhost:3000/"},
        {"rp_id": "evil.example"},
        {"uv": False},
        {"up": False},
        {"cross_origin": True},
        {"type": "webauthn.create"},
        {"challenge": "b3RoZXI"},
        {"user_handle": "dXNlcl9vdGhlcg"},
        {"backup": 0},
        {"backup": 0x10},
    ],
    ids=str,
)
async def test_wrong_use_does_not_sign_in_and_uses_the_challenge_up(
    server: TestServer, passkey: Authenticator, changes: dict[str, Any]
) -> None:
    browser = server.browser()
    sign_in = await begin_sign_in(browser)

    refused = await attempt_sign_in(browser, sign_in, passkey.get(options_of(sign_in), **changes))
    right_too_late = await attempt_sign_in(browser, sign_in, passkey.get(options_of(sign_in)))

    assert error_of(refused)[:2] == (400, "passkey_authentication_failure")
    assert error_of(right_too_late)[:2] == (400, "passkey_invalid_verification")
    assert (await browser.get("/v1/client")).json()["response"]["sessions"] == []


async def test_signature_of_another_key_does_not_sign_in(server: TestServer, passkey: Authenticator) -> None:
    forged = Authenticator()
    forged.credential_id, forged.user_handle = passkey.credential_id, passkey.user_handle
    forged.rp_id = passkey.rp_id

    refused = await sign_in_with(server.browser(), forged)

    assert error_of(refused)[:2] == (400, "passkey_authentication_failure")


@pytest.mark.parametrize("credential", ["", "{", "[]", '{"id": 1}', "[" * 5000])
async def test_credential_that_is_none_is_refused(
    server: TestServer, passkey: Authenticator, credential: str
) -> None:
    browser = server.browser()

    refused = await attempt_sign_in(browser, await begin_sign_in(browser), credential)

    assert error_of(refused)[:2] == (422, "passkey_invalid_public_key_credential")


async def test_unknown_passkey_does_not_sign_in(server: TestServer, passkey: Authenticator) -> None:
    stranger = Authenticator()
    stranger.rp_id = "localhost"

    refused = await sign_in_with(server.browser(), stranger)

    assert error_of(refused)[:2] == (404, "passkey_not_registered")


async def test_passkey_of_another_user_does_not_sign_in(server: TestServer, passkey: Authenticator) -> None:
    """Of a person who knows Ada's address and has a passkey of their own here."""
    of_grace = Authenticator()
    await with_passkey(server, of_grace, "grace+clerk_test@example.com")
    browser = server.browser()
    started = (await browser.post("/v1/client/sign_ins", identifier=ADA)).json()["response"]
    path = f"/v1/client/sign_ins/{started['id']}/prepare_first_factor"
    prepared = (await browser.post(path, strategy="passkey")).json()["response"]

    for handle in (of_grace.user_handle, passkey.user_handle, None):
        of_grace.user_handle = handle
        refused = await attempt_sign_in(browser, prepared, of_grace.get(options_of(prepared)))
        prepared = (await browser.post(path, strategy="passkey")).json()["response"]
        assert error_of(refused)[:2] == (400, "passkey_authentication_failure")


async def test_passkey_of_another_instance_does_not_sign_in(
    server: TestServer, passkey: Authenticator
) -> None:
    await server.neighbour()
    await configure(server, PASSKEYS)
    browser = server.browser(base_url="http://clerk.next-door-7.localhost:8787")

    refused = await sign_in_with(browser, passkey)

    assert error_of(refused)[:2] == (404, "passkey_not_registered")


async def test_challenge_of_another_browser_is_not_found(server: TestServer, passkey: Authenticator) -> None:
    sign_in = await begin_sign_in(server.browser())
    thief = server.browser()
    own = await begin_sign_in(thief)

    answers = [
        await attempt_sign_in(thief, sign_in, passkey.get(options_of(sign_in))),
        await attempt_sign_in(thief, own, passkey.get(options_of(sign_in))),
    ]

    assert [error_of(answer)[0] for answer in answers] == [404, 400]


async def test_registration_does_not_sign_in(server: TestServer, passkey: Authenticator) -> None:
    browser = server.browser()
    sign_in = await begin_sign_in(browser)
    creation = {
        "rp": {"id": "localhost"},
        "user": {"id": passkey.user_handle},
        "challenge": options_of(sign_in)["challenge"],
    }

    refused = await attempt_sign_in(browser, sign_in, passkey.create(creation))

    assert error_of(refused)[:2] == (422, "passkey_invalid_public_key_credential")


async def test_challenge_expires_after_five_minutes(server: TestServer, passkey: Authenticator) -> None:
    browser = server.browser()
    sign_in = await begin_sign_in(browser)
    server.clock.advance(seconds=5 * 60)

    refused = await attempt_sign_in(browser, sign_in, passkey.get(options_of(sign_in)))

    assert error_of(refused)[:2] == (400, "verification_expired")


async def test_one_challenge_signs_in_once_however_many_attempts_come_at_the_same_time(
    server: TestServer, passkey: Authenticator
) -> None:
    browser = server.browser()
    sign_in = await begin_sign_in(browser)
    credentials = [passkey.get(options_of(sign_in)) for _ in range(50)]

    answers = await asyncio.gather(*(attempt_sign_in(browser, sign_in, one) for one in credentials))

    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 49]
    sessions = (await browser.get("/v1/client")).json()["response"]["sessions"]
    assert len(sessions) == 1


async def with_counter(server: TestServer) -> Authenticator:
    """The passkey of Ada, whose address gets mail, on a key that counts; used twice."""
    await configure(server, PASSKEYS)
    authenticator = Authenticator(counts=True)
    authenticator.backup = 0
    await register(await signed_up_by_mail(server, "ada@example.com"), authenticator)
    assert (await sign_in_with(server.browser(), authenticator)).status_code == 200
    return authenticator


@pytest.mark.parametrize("sign_count", [0, 1, 2])
async def test_counter_that_went_back_does_not_sign_in_and_the_user_is_told(
    server: TestServer, sign_count: int
) -> None:
    authenticator = await with_counter(server)

    refused = await sign_in_with(server.browser(), authenticator, sign_count=sign_count)
    message = (await server.messages("ada@example.com"))[0]
    risen = await sign_in_with(server.browser(), authenticator)

    assert error_of(refused)[:2] == (400, "passkey_authentication_failure")
    assert message["kind"] == "passkey_refused"
    assert risen.json()["response"]["status"] == "complete", "the next number of the true one"


async def test_forged_use_with_a_low_counter_causes_no_mail(server: TestServer) -> None:
    authenticator = await with_counter(server)
    forged = Authenticator(counts=True)
    forged.credential_id, forged.rp_id, forged.backup = authenticator.credential_id, "localhost", 0

    refused = await sign_in_with(server.browser(), forged, sign_count=0)

    assert error_of(refused)[:2] == (400, "passkey_authentication_failure")
    sent = [message["kind"] for message in await server.messages("ada@example.com")]
    assert "passkey_added" in sent
    assert "passkey_refused" not in sent


async def test_passkey_without_a_counter_signs_in_every_time(
    server: TestServer, passkey: Authenticator
) -> None:
    for _ in range(3):
        done = await sign_in_with(server.browser(), passkey)
        assert done.json()["response"]["status"] == "complete"


async def test_wrong_passkeys_do_not_lock_the_user_out(server: TestServer, passkey: Authenticator) -> None:
    forged = Authenticator()
    forged.credential_id, forged.rp_id = passkey.credential_id, passkey.rp_id
    for _ in range(12):
        await sign_in_with(server.browser(), forged)

    assert (await sign_in_with(server.browser(), passkey)).json()["response"]["status"] == "complete"
