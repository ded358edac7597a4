"""Codes and links by mail as the second factor, where the instance has them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answers import claims_of, error_of
from tests.support.configuring import configure
from tests.support.factors.authenticator_apps import ADA, enrolled
from tests.support.server import PASSWORD, TEST_CODE, Browser, JsonObject, TestServer

OTHER = "second+clerk_test@example.com"


def mailed(*strategies: str, **others: Any) -> JsonObject:
    address = {"first_factors": ["email_code", "email_link"], "second_factors": [*strategies]}
    return {"attributes": {"email_address": address}} | others


async def enter_password(browser: Browser) -> JsonObject:
    answer = await browser.post("/v1/client/sign_ins", strategy="password", identifier=ADA, password=PASSWORD)
    return answer.json()["response"]


@pytest.fixture
async def user(server: TestServer) -> JsonObject:
    """A user with a password and an address, and no other factor."""
    await configure(server, mailed("email_code"))
    return await server.backend().create_user(ADA, password=PASSWORD)


async def test_code_by_mail_is_the_second_factor_after_a_password(
    server: TestServer, user: JsonObject
) -> None:
    browser = server.browser()
    sign_in = await enter_password(browser)
    path = f"/v1/client/sign_ins/{sign_in['id']}"

    before = await browser.post(f"{path}/attempt_second_factor", strategy="email_code", code=TEST_CODE)
    await browser.post(f"{path}/prepare_second_factor", strategy="email_code")
    done = await browser.post(f"{path}/attempt_second_factor", strategy="email_code", code=TEST_CODE)

    (offered,) = sign_in["supported_second_factors"]
    assert sign_in["status"] == "needs_second_factor"
    assert (offered["strategy"], offered["email_address_id"]) == (
        "email_code",
        user["primary_email_address_id"],
    )
    assert ADA not in offered["safe_identifier"]
    assert error_of(before)[0] == 400
    token = await browser.token(done.json()["response"]["created_session_id"])
    assert claims_of(token.json()["jwt"])["fva"] == [0, 0]


async def test_link_by_mail_is_the_second_factor(server: TestServer, user: JsonObject) -> None:
    await configure(server, mailed("email_link"))
    browser = server.browser()
    path = f"/v1/client/sign_ins/{(await enter_password(browser))['id']}"
    page = "http://localhost:3000/done"
    await browser.post(f"{path}/prepare_second_factor", strategy="email_link", redirect_url=page)

    await browser.http.get((await server.messages(ADA))[0]["links"][0])

    shown = (await browser.get(path)).json()["response"]
    assert shown["status"] == "complete"


async def test_code_by_mail_is_not_both_factors(server: TestServer, user: JsonObject) -> None:
    browser = server.browser()
    started = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy="email_code")
    path = f"/v1/client/sign_ins/{started.json()['response']['id']}"

    done = (await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=TEST_CODE)).json()[
        "response"
    ]

    token = await browser.token(done["created_session_id"])
    assert claims_of(token.json()["jwt"])["fva"] == [0, -1], "one factor, and it says so"


async def test_mailbox_does_not_stand_in_for_the_app_after_a_code_by_mail(server: TestServer) -> None:
    await enrolled(server)
    await configure(server, mailed("email_code", "email_link"))
    browser = server.browser()
    started = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy="email_code")
    path = f"/v1/client/sign_ins/{started.json()['response']['id']}"
    proven = await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=TEST_CODE)

    refused = await browser.post(f"{path}/prepare_second_factor", strategy="email_code")

    offered = [one["strategy"] for one in proven.json()["response"]["supported_second_factors"]]
    assert offered == ["totp", "backup_code"]
    assert error_of(refused)[:2] == (400, "strategy_for_user_invalid")


async def test_mailbox_that_resets_the_password_is_not_the_second_factor(server: TestServer) -> None:
    await enrolled(server)
    await configure(server, mailed("email_code"))
    browser = server.browser()
    strategy = "reset_password_email_code"
    started = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy=strategy)
    path = f"/v1/client/sign_ins/{started.json()['response']['id']}"
    await browser.post(f"{path}/attempt_first_factor", strategy=strategy, code=TEST_CODE)

    reset = await browser.post(f"{path}/reset_password", password="another long passphrase 7")

    shown = reset.json()["response"]
    assert shown["status"] == "needs_second_factor"
    assert [one["strategy"] for one in shown["supported_second_factors"]] == ["totp", "backup_code"]


async def test_address_of_another_user_gets_no_code(server: TestServer, user: JsonObject) -> None:
    eve = await server.backend().create_user(OTHER, password=PASSWORD)
    browser = server.browser()
    path = f"/v1/client/sign_ins/{(await enter_password(browser))['id']}/prepare_second_factor"

    refused = await browser.post(
        path, strategy="email_code", email_address_id=eve["primary_email_address_id"]
    )

    assert error_of(refused) == (422, "form_param_value_invalid", "email_address_id")


async def test_user_without_another_factor_is_not_said_to_have_two_step_verification(
    server: TestServer, user: JsonObject
) -> None:
    shown = (await server.backend().get(f"/v1/users/{user['id']}")).json()

    assert (shown["two_factor_enabled"], shown["mfa_enabled_at"]) == (False, None)


async def test_reverification_takes_the_code_and_not_the_same_mailbox_twice(
    server: TestServer, user: JsonObject
) -> None:
    browser = server.browser()
    sign_in = await enter_password(browser)
    await browser.post(f"/v1/client/sign_ins/{sign_in['id']}/prepare_second_factor", strategy="email_code")
    done = await browser.post(
        f"/v1/client/sign_ins/{sign_in['id']}/attempt_second_factor", strategy="email_code", code=TEST_CODE
    )
    path = f"/v1/client/sessions/{done.json()['response']['created_session_id']}/verify"

    second = (await browser.post(path, level="second_factor")).json()["response"]
    both = (await browser.post(path, level="multi_factor")).json()["response"]
    email_id = user["primary_email_address_id"]
    first = {"strategy": "email_code", "email_address_id": email_id}
    await browser.post(f"{path}/prepare_first_factor", **first)
    by_mail = await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=TEST_CODE)

    assert [one["strategy"] for one in second["supported_second_factors"]] == ["email_code"]
    assert both["status"] == "needs_first_factor"
    assert by_mail.json()["response"]["status"] == "complete", "nothing else is left to ask for"


async def test_change_of_the_account_does_not_ask_for_ever(server: TestServer, user: JsonObject) -> None:
    browser = server.browser()
    started = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy="email_code")
    path = f"/v1/client/sign_ins/{started.json()['response']['id']}/attempt_first_factor"
    await browser.post(path, strategy="email_code", code=TEST_CODE)

    added = await browser.post("/v1/me/email_addresses", email_address=OTHER)

    assert added.status_code == 200, added.text


async def test_environment_says_that_addresses_are_second_factors(server: TestServer) -> None:
    await configure(server, mailed("email_code", "email_link"))

    environment = (await server.browser().get("/v1/environment")).json()

    assert environment["auth_config"]["second_factors"] == ["email_code", "email_link"]
    assert environment["user_settings"]["attributes"]["email_address"]["used_for_second_factor"] is True
