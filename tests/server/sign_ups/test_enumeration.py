"""Enumeration protection: neither a sign-up nor adding an address to an account reveals whether
another account has it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.sign_ins.enumeration.strangers import seen
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, TEST_CODE, Browser, TestServer

ADA = "ada@example.com"
EVE = "eve@example.com"  # without an account, and as long
TEST_ADA = "ada+clerk_test@example.com"
BACK = "http://localhost:3000/"


@pytest.fixture
async def discreet(server: TestServer) -> TestServer:
    settings: dict[str, Any] = {"attack_protection": {"enumeration_protection": True}}
    settings["attributes"] = {"email_address": {"verifications": ["email_code", "email_link"]}}
    await configure(server, settings)
    return server


async def try_to_sign_up(server: TestServer, address: str) -> list[Any]:
    """Returns the answers to a sign-up with an address whose mail the visitor cannot read."""
    browser, shown = server.browser(), list[Any]()
    created = await browser.post("/v1/client/sign_ups", email_address=address, password=PASSWORD)
    shown.append(seen(created))
    path = f"/v1/client/sign_ups/{created.json()['response']['id']}"
    for strategy in ("email_code", "email_link"):
        prepared = await browser.post(f"{path}/prepare_verification", strategy=strategy, redirect_url=BACK)
        shown.append(seen(prepared))
        for n in range(6):
            data = {"strategy": strategy, "code": f"{n:06d}"}
            shown.append(seen(await browser.post(f"{path}/attempt_verification", **data)))
    shown.append(seen(await browser.patch(path, email_address=f"not.{address}")))
    shown.append(seen(await browser.patch(path, email_address=address, strategy="email_code")))
    server.clock.advance(seconds=601)
    late = await browser.post(f"{path}/attempt_verification", strategy="email_code", code="999999")
    shown.append(seen(late))
    shown.append(seen(await browser.get("/v1/client")))
    return shown


async def add(browser: Browser, address: str) -> str:
    """Adds an address to a user's account; returns its path."""
    added = await browser.post("/v1/me/email_addresses", email_address=address)
    assert added.status_code == 200, added.text
    return f"/v1/me/email_addresses/{added.json()['response']['id']}"


async def try_to_add(server: TestServer, browser: Browser, address: str) -> list[Any]:
    """Returns the answers to a user who adds an address whose mail they cannot read."""
    added = await browser.post("/v1/me/email_addresses", email_address=address)
    path = f"/v1/me/email_addresses/{added.json()['response']['id']}"
    shown = [added]
    for strategy in ("email_code", "email_link"):
        shown.append(await browser.post(f"{path}/prepare_verification", strategy=strategy, redirect_url=BACK))
        shown.extend([await browser.post(f"{path}/attempt_verification", code=f"{n:06d}") for n in range(6)])
    shown.append(await browser.get(path))
    await browser.delete(path)
    return [seen(answer) for answer in shown]


async def test_sign_up_with_a_taken_address_looks_like_any_other(discreet: TestServer) -> None:
    await discreet.backend().create_user(ADA)

    taken = await try_to_sign_up(discreet, ADA)
    free = await try_to_sign_up(discreet, EVE)

    for number, (of_taken, of_free) in enumerate(zip(taken, free, strict=True)):
        assert of_taken == of_free, number
    assert [shown[0] for shown in free[:3]] == [200, 200, 422]


async def test_owner_of_a_taken_address_is_told_instead_of_sent_a_code(discreet: TestServer) -> None:
    await discreet.backend().create_user(ADA)

    await discreet.browser().begin_sign_up(ADA)
    await discreet.browser().post(
        "/v1/client/sign_ups", email_address=ADA, password=PASSWORD, strategy="email_link", redirect_url=BACK
    )

    mails = await discreet.messages(ADA)
    assert [mail["subject"] for mail in mails] == ["You already have a My application account"] * 2
    assert all(mail["code"] is None and mail["links"] == [] for mail in mails)


async def test_free_address_is_sent_its_code(discreet: TestServer) -> None:
    browser = discreet.browser()
    started = await browser.begin_sign_up(EVE)
    code = (await discreet.messages(EVE))[0]["code"]

    path = f"/v1/client/sign_ups/{started['id']}/attempt_verification"
    done = await browser.post(path, strategy="email_code", code=code)

    assert done.json()["response"]["status"] == "complete"


async def test_fixed_code_does_not_take_an_address_over(discreet: TestServer) -> None:
    ada = await discreet.backend().create_user(TEST_ADA)
    browser = discreet.browser()
    started = await browser.begin_sign_up(TEST_ADA)

    path = f"/v1/client/sign_ups/{started['id']}/attempt_verification"
    done = await browser.post(path, strategy="email_code", code=TEST_CODE)

    assert error_of(done)[:2] == (422, "form_code_incorrect")
    users = (await discreet.backend().get("/v1/users")).json()
    assert [user["id"] for user in users] == [ada["id"]]


async def test_address_that_was_taken_between_code_and_proof_is_told_to_who_reads_its_mail(
    discreet: TestServer,
) -> None:
    browser = discreet.browser()
    started = await browser.begin_sign_up(TEST_ADA)
    await discreet.backend().create_user(TEST_ADA)

    path = f"/v1/client/sign_ups/{started['id']}/attempt_verification"
    done = await browser.post(path, strategy="email_code", code=TEST_CODE)

    assert error_of(done)[:2] == (422, "form_identifier_exists")
    assert len((await discreet.backend().get("/v1/users")).json()) == 1


async def test_taken_username_is_told(discreet: TestServer) -> None:
    await configure(discreet, {"attributes": {"username": {"enabled": True}}})
    await discreet.backend().create_user(ADA, username="lovelace")

    response = await discreet.browser().post(
        "/v1/client/sign_ups", email_address=EVE, username="lovelace", password=PASSWORD
    )

    assert error_of(response) == (422, "form_identifier_exists", "username")


async def test_adding_a_taken_address_to_an_account_looks_like_adding_any_other(discreet: TestServer) -> None:
    await discreet.backend().create_user(ADA)
    browser = discreet.browser()
    await browser.sign_up("bob+clerk_test@example.com")

    taken = await try_to_add(discreet, browser, ADA)
    free = await try_to_add(discreet, browser, EVE)

    assert taken == free
    assert [shown[0] for shown in free[:3]] == [200, 200, 422]
    assert {mail["subject"] for mail in await discreet.messages(ADA)} == {
        "You already have a My application account"
    }


async def test_taken_address_cannot_be_verified_by_another_account(discreet: TestServer) -> None:
    ada = await discreet.backend().create_user(TEST_ADA)
    browser = discreet.browser()
    await browser.sign_up("bob+clerk_test@example.com")
    path = await add(browser, TEST_ADA)
    await browser.post(f"{path}/prepare_verification", strategy="email_code")

    done = await browser.post(f"{path}/attempt_verification", code=TEST_CODE)

    assert error_of(done)[:2] == (422, "form_code_incorrect")
    signed_in = await discreet.browser().sign_in(TEST_ADA)
    assert signed_in["sessions"][0]["user"]["id"] == ada["id"]


async def test_own_address_is_not_added_twice(discreet: TestServer) -> None:
    browser = discreet.browser()
    await browser.sign_up(TEST_ADA)

    response = await browser.post("/v1/me/email_addresses", email_address=TEST_ADA)

    assert error_of(response)[:2] == (422, "form_identifier_exists")


async def test_without_protection_a_taken_address_is_told(server: TestServer) -> None:
    await server.backend().create_user(ADA)

    response = await server.browser().post("/v1/client/sign_ups", email_address=ADA, password=PASSWORD)

    assert error_of(response) == (422, "form_identifier_exists", "email_address")
