"""Addresses that an instance does not let users sign up with or add."""

from __future__ import annotations

from typing import Any

import pytest

from greffier.server.delivery.addresses import family, has_subaddress
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, Browser, TestServer

BLOCKED = (403, "form_email_address_blocked", "email_address")


async def refusal(browser: Browser, address: str) -> tuple[int, str, str | None]:
    return error_of(await browser.post("/v1/client/sign_ups", email_address=address, password=PASSWORD))


async def accepts(server: TestServer, address: str) -> bool:
    """Whether a new browser begins a sign-up with it."""
    begun = await server.browser().post("/v1/client/sign_ups", email_address=address, password=PASSWORD)
    return begun.status_code == 200


@pytest.fixture
async def subaddresses_blocked(server: TestServer) -> None:
    await configure(server, {"restrictions": {"block_email_subaddresses": True}})


@pytest.fixture
async def disposable_blocked(server: TestServer) -> None:
    await configure(server, {"restrictions": {"block_disposable_email_domains": True}})


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("ada+news@example.com", "ada@example.com"),
        ("ada=news@example.com", "ada@example.com"),
        ("ada#news@example.com", "ada@example.com"),
        ("Ada+A+B@Example.com", "ada@example.com"),
        ("ada-news@example.com", "ada-news@example.com"),
        ("ada-news@yahoo.co.uk", "ada@yahoo.co.uk"),
        ("a.d.a+x@googlemail.com", "ada@gmail.com"),
        ("a.da@example.com", "a.da@example.com"),
        ("+@example.com", "+@example.com"),
    ],
)
def test_spellings_of_one_mailbox_have_one_family(address: str, plain: str) -> None:
    assert family(address) == plain


def test_dots_are_no_subaddress() -> None:
    assert has_subaddress("ada+x@gmail.com")
    assert not has_subaddress("a.da@gmail.com")


async def test_second_address_of_a_mailbox_does_not_sign_up(
    server: TestServer, subaddresses_blocked: None
) -> None:
    await server.browser().sign_up("ada+clerk_test@example.com")

    for address in ("ada@example.com", "ada+2@example.com", "ADA=3@example.com"):
        assert await refusal(server.browser(), address) == BLOCKED
    assert await accepts(server, "grace+1@example.com")


async def test_plain_address_keeps_its_subaddresses_from_signing_up(
    server: TestServer, subaddresses_blocked: None
) -> None:
    await server.backend().add_user("v.i@gmail.com")

    assert await refusal(server.browser(), "vi@googlemail.com") == BLOCKED
    assert await refusal(server.browser(), "vi+1@gmail.com") == BLOCKED
    assert await accepts(server, "v.i@example.com")


async def test_known_address_is_told_as_taken_and_not_as_blocked(
    server: TestServer, subaddresses_blocked: None
) -> None:
    await server.backend().add_user("ada+1@example.com")

    assert (await refusal(server.browser(), "ada+1@example.com"))[:2] == (422, "form_identifier_exists")


async def test_user_adds_no_address_of_a_known_mailbox(
    server: TestServer, subaddresses_blocked: None
) -> None:
    await server.backend().add_user("grace@example.com")
    browser = server.browser()
    await browser.sign_up()

    refused = await browser.post("/v1/me/email_addresses", email_address="grace+2@example.com")

    assert error_of(refused) == BLOCKED


async def test_user_with_a_subaddress_goes_on_signing_in(server: TestServer) -> None:
    await server.browser().sign_up("ada+clerk_test@example.com")
    await server.backend().add_user("ada@example.com")
    await configure(server, {"restrictions": {"block_email_subaddresses": True}})

    client = await server.browser().sign_in("ada+clerk_test@example.com")

    assert client["sessions"]


async def test_other_instances_are_not_asked(server: TestServer, subaddresses_blocked: None) -> None:
    neighbour = await server.neighbour()
    await neighbour.add_user("ada@example.com")

    own = server.browser(base_url="http://clerk.tidy-otter-42.localhost:8787")
    begun = await own.post("/v1/client/sign_ups", email_address="ada+1@example.com", password=PASSWORD)

    assert begun.status_code == 200


async def test_backend_api_may_make_users_with_any_address(
    server: TestServer, subaddresses_blocked: None, disposable_blocked: None
) -> None:
    backend = server.backend()

    for address in ("ada@example.com", "ada+2@example.com", "ada@mailinator.com"):
        await backend.add_user(address)


async def test_enumeration_protection_blocks_each_subaddress_alike(server: TestServer) -> None:
    await configure(
        server,
        {
            "restrictions": {"block_email_subaddresses": True},
            "attack_protection": {"enumeration_protection": True},
        },
    )
    await server.backend().add_user("ada@example.com")

    assert await refusal(server.browser(), "ada+2@example.com") == BLOCKED
    assert await refusal(server.browser(), "unknown+2@example.com") == BLOCKED
    assert await accepts(server, "a.da@gmail.com")
    assert await accepts(server, "grace+clerk_test@example.com")


@pytest.mark.parametrize("domain", ["mailinator.com", "MAILINATOR.com", "x.mailinator.com"])
async def test_disposable_address_does_not_sign_up(
    server: TestServer, disposable_blocked: None, domain: str
) -> None:
    assert await refusal(server.browser(), f"ada@{domain}") == BLOCKED


async def test_address_of_another_domain_signs_up(server: TestServer, disposable_blocked: None) -> None:
    assert await accepts(server, "ada@mailinator.com.example.org")


async def test_disposable_address_is_not_transferred_to_a_sign_up(
    server: TestServer, disposable_blocked: None
) -> None:
    browser = server.browser()
    address = "ada+clerk_test@mailinator.com"
    begun = await browser.post("/v1/client/sign_ins", identifier=address, sign_up_if_missing=True)
    sign_in: dict[str, Any] = begun.json()["response"]
    path = f"/v1/client/sign_ins/{sign_in['id']}"
    (factor,) = [one for one in sign_in["supported_first_factors"] if one["strategy"] == "email_code"]
    await browser.post(
        f"{path}/prepare_first_factor", strategy="email_code", email_address_id=factor["email_address_id"]
    )
    proven = await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code="424242")
    assert error_of(proven)[1] == "sign_up_if_missing_transfer"

    refused = await browser.post("/v1/client/sign_ups", transfer=True)

    assert error_of(refused) == BLOCKED


async def test_environment_says_what_is_blocked(server: TestServer, disposable_blocked: None) -> None:
    shown = (await server.browser().get("/v1/environment")).json()["user_settings"]["restrictions"]

    assert shown["block_disposable_email_domains"] == {"enabled": True}
    assert shown["block_email_subaddresses"] == {"enabled": False}
