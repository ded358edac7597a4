"""The domain that passkeys work on, and the pages that may use them."""

from __future__ import annotations

import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.factors.passkeys import (
    ADA,
    PASSKEYS,
    Authenticator,
    attempt_registration,
    begin_sign_in,
    options_in,
    options_of,
)
from tests.support.server import Browser, TestServer

TEST_MODE = {"test_mode": True}


async def production_browser(production: TestServer, origin: str) -> Browser:
    await configure(production, PASSKEYS | TEST_MODE)
    return production.browser(origin=origin, base_url="https://clerk.example.com")


@pytest.mark.parametrize(
    "origin", ["https://example.com", "https://app.example.com", "https://accounts.example.com"]
)
async def test_rp_id_in_production_is_the_domain_whatever_page_asks(
    production: TestServer, origin: str
) -> None:
    browser = await production_browser(production, origin)

    assert options_of(await begin_sign_in(browser))["rpId"] == "example.com"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://example.com", 200),
        ("https://app.example.com", 200),
        ("https://partner.example", 200),
        ("http://app.example.com", 400),
        ("https://example.com.evil.example", 400),
        ("https://evilexample.com", 400),
        ("https://localhost", 400),
        ("https://shop.example.net", 400),
    ],
)
async def test_passkeys_are_used_by_pages_of_the_domain_and_related_origins_alone(
    production: TestServer, origin: str, status: int
) -> None:
    browser = await production_browser(production, "https://app.example.com")
    await configure(production, {"allowed_origins": ["https://partner.example"]})
    await browser.sign_up(ADA)
    begun = (await browser.post("/v1/me/passkeys")).json()["response"]
    credential = Authenticator(origin=origin).create(options_in(begun["verification"]))

    answer = await attempt_registration(browser, begun, credential)

    assert answer.status_code == status, answer.text
    if status == 400:
        assert error_of(answer)[1] == "passkey_registration_failure"


async def test_related_origins_are_published(server: TestServer) -> None:
    origins = ["https://partner.example", "chrome-extension://abcdef"]
    await configure(server, {"allowed_origins": origins})

    published = await server.browser(origin=None).get("/.well-known/webauthn")

    assert published.json() == {"origins": ["https://partner.example"]}


async def test_environment_says_what_the_forms_offer(server: TestServer) -> None:
    off = (await server.browser().get("/v1/environment")).json()["user_settings"]
    await configure(server, PASSKEYS | {"passkeys": {"allow_autofill": False}})
    on = (await server.browser().get("/v1/environment")).json()

    passkey = on["user_settings"]["attributes"]["passkey"]
    assert off["attributes"]["passkey"]["enabled"] is False
    assert off["attributes"]["passkey"]["first_factors"] == []
    assert set(off["passkey_settings"].values()) == {False}
    assert (passkey["enabled"], passkey["used_for_first_factor"]) == (True, True)
    assert passkey["first_factors"] == passkey["verifications"] == ["passkey"]
    assert passkey["second_factors"] == [], "forms would offer to add it as one"
    assert "passkey" in on["auth_config"]["first_factors"]
    assert on["user_settings"]["passkey_settings"] == {
        "allow_autofill": False,
        "show_sign_in_button": True,
        "satisfies_second_factor": True,
    }


async def test_program_without_a_page_gets_the_host_of_the_server_in_development(server: TestServer) -> None:
    await configure(server, PASSKEYS)

    sign_in = await begin_sign_in(server.browser(origin=None))

    assert options_of(sign_in)["rpId"] == "localhost"
