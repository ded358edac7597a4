"""Usernames and legal consent, where the instance asks for them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, Browser, TestServer

ADA = "ada+clerk_test@example.com"


@pytest.fixture
async def named(server: TestServer) -> TestServer:
    """A server whose instance has usernames."""
    await configure(server, {"attributes": {"username": {"enabled": True, "identifier": True}}})
    return server


@pytest.fixture
async def nameless(server: TestServer) -> TestServer:
    """Users have a username and nothing else."""
    attributes = {
        "username": {"enabled": True, "required": True, "identifier": True},
        "email_address": {"enabled": False, "required": False},
    }
    await configure(server, {"attributes": attributes})
    return server


async def sign_up(browser: Browser, **fields: Any) -> Any:
    return await browser.post("/v1/client/sign_ups", password=PASSWORD, **fields)


async def test_username_is_chosen_at_sign_up_and_signs_in(named: TestServer) -> None:
    client = await named.browser().sign_up(ADA, username="Countess")

    assert client["sessions"][0]["user"]["username"] == "countess"
    signed_in = await named.browser().sign_in("COUNTESS")
    assert signed_in["sessions"][0]["user"]["id"] == client["sessions"][0]["user"]["id"]


async def test_username_is_optional_unless_required(named: TestServer) -> None:
    started = (await sign_up(named.browser(), email_address=ADA)).json()["response"]

    assert "username" in started["optional_fields"]
    assert started["missing_fields"] == []
    await configure(named, {"attributes": {"username": {"required": True}}})
    started = (await sign_up(named.browser(), email_address=ADA)).json()["response"]
    assert started["missing_fields"] == ["username"]


async def test_username_alone_is_enough_where_addresses_are_off(nameless: TestServer) -> None:
    done = (await sign_up(nameless.browser(), username="countess")).json()["response"]

    assert done["status"] == "complete"
    assert (await nameless.browser().sign_in("countess"))["sessions"]


async def test_taken_username_is_told_at_its_field(named: TestServer) -> None:
    await named.backend().add_user("eve@example.com", username="countess")

    response = await sign_up(named.browser(), email_address=ADA, username="countess")

    assert error_of(response) == (422, "form_identifier_exists", "username")


@pytest.mark.parametrize(
    ("username", "code"),
    [
        ("ada", "form_username_invalid_length"),
        ("ada lovelace", "form_username_invalid_character"),
        ("18151127", "form_username_needs_non_number_char"),
    ],
)
async def test_what_is_no_username_is_refused(named: TestServer, username: str, code: str) -> None:
    response = await sign_up(named.browser(), email_address=ADA, username=username)

    assert error_of(response) == (422, code, "username")


async def test_username_is_refused_where_the_instance_has_none(server: TestServer) -> None:
    response = await sign_up(server.browser(), email_address=ADA, username="countess")

    assert error_of(response) == (422, "form_param_unknown", "username")


async def test_sign_in_shows_what_identifies(named: TestServer) -> None:
    started = await named.browser().post("/v1/client/sign_ins")
    environment = (await named.browser().get("/v1/environment")).json()

    assert started.json()["response"]["supported_identifiers"] == ["email_address", "username"]
    assert environment["auth_config"]["identification_strategies"] == ["email_address", "username"]
    assert environment["user_settings"]["attributes"]["username"]["used_for_first_factor"] is True


async def test_unknown_username_is_told_at_its_field(named: TestServer) -> None:
    response = await named.browser().post("/v1/client/sign_ins", identifier="unknown")

    assert error_of(response) == (422, "form_identifier_not_found", "identifier")


async def test_code_for_a_username_goes_to_the_primary_address(named: TestServer) -> None:
    await named.backend().add_user("bob@example.com", username="bobby")

    started = await named.browser().post("/v1/client/sign_ins", identifier="bobby", strategy="email_code")

    factor = started.json()["response"]["supported_first_factors"][0]
    assert factor["safe_identifier"] == "b***b@example.com"
    assert len(await named.messages("bob@example.com")) == 1


async def test_own_username_can_be_changed_and_taken_away(named: TestServer) -> None:
    browser = named.browser()
    await browser.sign_up(ADA, username="countess")

    same = await browser.patch("/v1/me", username="countess")
    changed = await browser.patch("/v1/me", username="enchantress")
    removed = await browser.patch("/v1/me", username="")

    assert same.status_code == 200
    assert changed.json()["response"]["username"] == "enchantress"
    assert removed.json()["response"]["username"] is None


async def test_own_username_stays_where_it_is_required(named: TestServer) -> None:
    browser = named.browser()
    await browser.sign_up(ADA, username="countess")
    await configure(named, {"attributes": {"username": {"required": True}}})

    response = await browser.patch("/v1/me", username="")

    assert error_of(response) == (422, "form_param_nil", "username")


async def test_username_of_another_user_is_refused(named: TestServer) -> None:
    await named.backend().add_user("eve@example.com", username="enchantress")
    browser = named.browser()
    await browser.sign_up(ADA)

    response = await browser.patch("/v1/me", username="Enchantress")

    assert error_of(response) == (422, "form_identifier_exists", "username")


async def test_sign_up_waits_for_consent(server: TestServer) -> None:
    await configure(server, {"sign_up": {"legal_consent": True}})
    browser = server.browser()

    started = await browser.begin_sign_up(ADA)
    path = f"/v1/client/sign_ups/{started['id']}"
    verified = await browser.post(f"{path}/attempt_verification", strategy="email_code", code="424242")
    done = await browser.patch(path, legal_accepted="true")

    assert "legal_accepted" in started["required_fields"]
    assert verified.json()["response"]["missing_fields"] == ["legal_accepted"]
    assert done.json()["response"]["status"] == "complete"
    assert done.json()["client"]["sessions"][0]["user"]["legal_accepted_at"] is not None


async def test_refused_consent_is_none(server: TestServer) -> None:
    await configure(server, {"sign_up": {"legal_consent": True}})

    started = await sign_up(server.browser(), email_address=ADA, legal_accepted="false")

    assert started.json()["response"]["missing_fields"] == ["legal_accepted"]


async def test_backend_says_when_a_user_consented_or_skips_it(server: TestServer) -> None:
    await configure(server, {"sign_up": {"legal_consent": True}})
    backend = server.backend()
    fields: dict[str, Any] = {"email_address": [ADA], "password": PASSWORD}

    refused = await backend.post("/v1/users", **fields)
    consented = await backend.post("/v1/users", **fields, legal_accepted_at="2026-01-02T03:04:05Z")
    skipped = await backend.post(
        "/v1/users", **(fields | {"email_address": ["eve@example.com"]}), skip_legal_checks=True
    )

    assert error_of(refused)[:2] == (422, "form_data_missing")
    assert consented.json()["legal_accepted_at"] == 1767323045000
    assert skipped.status_code == 200
