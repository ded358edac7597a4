"""Sign-ins with a passkey, with an identifier and without."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.support.answers import claims_of, error_of
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
from tests.support.server import PASSWORD, Browser, TestServer


@pytest.fixture
async def passkey(server: TestServer) -> Authenticator:
    """Of Ada, who has signed up with an address and a password, too."""
    authenticator = Authenticator()
    await with_passkey(server, authenticator)
    return authenticator


async def test_passkey_signs_in_without_an_identifier(server: TestServer, passkey: Authenticator) -> None:
    browser = server.browser()
    sign_in = await begin_sign_in(browser)

    done = await attempt_sign_in(browser, sign_in, passkey.get(options_of(sign_in)))

    answer = done.json()
    assert (sign_in["status"], sign_in["identifier"]) == ("needs_identifier", None)
    assert options_of(sign_in)["allowCredentials"] == []
    assert options_of(sign_in)["userVerification"] == "required"
    assert len(options_of(sign_in)["challenge"]) == 43, "32 bytes"
    assert answer["response"]["status"] == "complete"
    assert answer["response"]["first_factor_verification"]["status"] == "verified"
    session = answer["client"]["sessions"][0]
    assert session["user"]["primary_email_address_id"]
    assert session["user"]["passkeys"][0]["last_used_at"] >= session["created_at"]
    assert answer["client"]["last_authentication_strategy"] == "passkey"


async def test_user_with_a_passkey_is_offered_it_and_others_are_not(
    server: TestServer, passkey: Authenticator
) -> None:
    await server.browser().sign_up("grace+clerk_test@example.com")

    offered = {
        address: [
            one["strategy"]
            for one in (await server.browser().post("/v1/client/sign_ins", identifier=address)).json()[
                "response"
            ]["supported_first_factors"]
        ]
        for address in (ADA, "grace+clerk_test@example.com")
    }

    assert "passkey" in offered[ADA]
    assert "passkey" not in offered["grace+clerk_test@example.com"]


async def test_passkey_signs_in_after_an_identifier(server: TestServer, passkey: Authenticator) -> None:
    browser = server.browser()
    started = (await browser.post("/v1/client/sign_ins", identifier=ADA)).json()["response"]
    path = f"/v1/client/sign_ins/{started['id']}/prepare_first_factor"
    prepared = (await browser.post(path, strategy="passkey")).json()["response"]

    done = await attempt_sign_in(browser, prepared, passkey.get(options_of(prepared), user_handle=None))

    own_id = json.loads(passkey.get({"challenge": ""}))["id"]
    assert [one["id"] for one in options_of(prepared)["allowCredentials"]] == [own_id]
    assert done.json()["response"]["status"] == "complete"


async def test_each_preparation_gives_another_challenge_and_the_former_counts_no_more(
    server: TestServer, passkey: Authenticator
) -> None:
    browser = server.browser()
    first = await begin_sign_in(browser)
    path = f"/v1/client/sign_ins/{first['id']}/prepare_first_factor"
    second = (await browser.post(path, strategy="passkey")).json()["response"]

    refused = await attempt_sign_in(browser, second, passkey.get(options_of(first)))

    assert options_of(first)["challenge"] != options_of(second)["challenge"]
    assert error_of(refused)[:2] == (400, "passkey_authentication_failure")


async def test_identifier_replaces_a_sign_in_that_waits_for_autofill(
    server: TestServer, passkey: Authenticator
) -> None:
    browser = server.browser()
    waiting = await begin_sign_in(browser)

    signed_in = await browser.sign_in(ADA)

    refused = await attempt_sign_in(browser, waiting, passkey.get(options_of(waiting)))
    assert signed_in["sessions"]
    assert error_of(refused)[0] == 400


async def test_form_that_waits_for_autofill_in_another_tab_leaves_a_sign_in_as_it_is(
    server: TestServer, passkey: Authenticator
) -> None:
    browser = server.browser()
    running = (await browser.post("/v1/client/sign_ins", identifier=ADA)).json()["response"]

    waiting = await begin_sign_in(browser)

    path = f"/v1/client/sign_ins/{running['id']}/attempt_first_factor"
    done = await browser.post(path, strategy="password", password=PASSWORD)
    late = await attempt_sign_in(browser, waiting, passkey.get(options_of(waiting)))
    assert done.json()["response"]["status"] == "complete"
    assert error_of(late)[:2] == (400, "client_state_invalid")


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


async def test_banned_user_does_not_sign_in(server: TestServer, passkey: Authenticator) -> None:
    backend = server.backend()
    user = (await backend.get("/v1/users", query=ADA)).json()[0]
    await backend.post(f"/v1/users/{user['id']}/ban")

    refused = await sign_in_with(server.browser(), passkey)

    assert error_of(refused)[:2] == (403, "user_banned")


async def test_instance_without_passkeys_has_no_such_strategy(
    server: TestServer, passkey: Authenticator
) -> None:
    sign_in = await begin_sign_in(browser := server.browser())
    await configure(server, {"attributes": {"passkey": {"enabled": False}}})

    begun = await server.browser().post("/v1/client/sign_ins", strategy="passkey")
    attempted = await attempt_sign_in(browser, sign_in, passkey.get(options_of(sign_in)))

    assert error_of(begun)[:2] == (403, "feature_not_enabled")
    assert error_of(attempted)[:2] == (403, "feature_not_enabled")


async def test_page_on_another_host_gets_its_own_domain_in_development(
    server: TestServer, passkey: Authenticator
) -> None:
    """The RP ID is the host of the page; a passkey of another host does not fit there."""
    browser = server.browser(origin="http://app.localhost:5173")
    sign_in = await begin_sign_in(browser)

    refused = await attempt_sign_in(browser, sign_in, passkey.get(options_of(sign_in)))
    started = (await browser.post("/v1/client/sign_ins", identifier=ADA)).json()["response"]
    path = f"/v1/client/sign_ins/{started['id']}/prepare_first_factor"
    prepared = await browser.post(path, strategy="passkey")

    assert options_of(sign_in)["rpId"] == "app.localhost"
    assert error_of(refused)[:2] == (400, "passkey_authentication_failure")
    assert error_of(prepared)[:2] == (400, "no_passkeys_found_for_user")


async def hidden_start(server: TestServer, address: str) -> dict[str, Any]:
    browser: Browser = server.browser()
    started = (await browser.post("/v1/client/sign_ins", identifier=address)).json()["response"]
    path = f"/v1/client/sign_ins/{started['id']}/prepare_first_factor"
    prepared = await browser.post(path, strategy="passkey")
    return {
        "factors": [one["strategy"] for one in started["supported_first_factors"]],
        "prepared": error_of(prepared),
        "with_strategy": error_of(
            await server.browser().post("/v1/client/sign_ins", identifier=address, strategy="passkey")
        ),
    }


async def test_enumeration_protection_does_not_reveal_by_passkeys_whether_there_is_an_account(
    server: TestServer, passkey: Authenticator
) -> None:
    await server.browser().sign_up("grace+clerk_test@example.com")
    await configure(server, {"attack_protection": {"enumeration_protection": True}})

    with_one, without, unknown = [
        await hidden_start(server, address)
        for address in (ADA, "grace+clerk_test@example.com", "stranger+clerk_test@example.com")
    ]

    assert with_one == without == unknown
    done = await sign_in_with(server.browser(), passkey)
    assert done.json()["response"]["status"] == "complete"


async def test_passkey_satisfies_no_second_factor_that_the_user_does_not_have(
    server: TestServer, passkey: Authenticator
) -> None:
    browser = server.browser()
    done = await sign_in_with(browser, passkey)

    token = await browser.token(done.json()["response"]["created_session_id"])

    assert claims_of(token.json()["jwt"])["fva"] == [0, -1]
