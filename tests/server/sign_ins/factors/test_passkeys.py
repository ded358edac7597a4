"""Sign-ins with a passkey, with an identifier and without."""

from __future__ import annotations

import json
from typing import Any

from tests.support.answers import claims_of, error_of
from tests.support.configuring import configure
from tests.support.factors.passkeys import (
    ADA,
    Authenticator,
    attempt_sign_in,
    begin_sign_in,
    options_of,
    sign_in_with,
)
from tests.support.server import PASSWORD, Browser, TestServer


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
