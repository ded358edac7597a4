"""Codes as people type and paste them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.server import PASSWORD, Browser, TestServer

ADDRESS = "ada+clerk_test@example.com"
TYPED = pytest.mark.parametrize(
    "typed",
    [
        pytest.param(" 424242\n", id="spaces-around"),
        pytest.param("424 242", id="group"),
        pytest.param("42-42-42", id="dashes"),
        pytest.param("424\u00a0\u2013\u202f242", id="typographic-group"),
        pytest.param("\u200b424242\ufeff", id="invisible"),
        pytest.param("\uff14\uff12\uff14\uff12\uff14\uff12", id="full-width"),
        pytest.param("\u0664\u0662\u0664\u0662\u0664\u0662", id="arabic-indic"),
        pytest.param("\u06f4\u06f2\u06f4 \u06f2\u06f4\u06f2", id="persian"),
        pytest.param("\u096a\u0968\u096a\u0968\u096a\u0968", id="devanagari"),
    ],
)


async def begin_sign_in(browser: Browser, strategy: str = "email_code") -> str:
    begun = await browser.post("/v1/client/sign_ins", identifier=ADDRESS, strategy=strategy)
    return f"/v1/client/sign_ins/{begun.json()['response']['id']}/attempt_first_factor"


@TYPED
async def test_code_signs_in_however_it_is_typed(server: TestServer, typed: str) -> None:
    await server.backend().add_user(ADDRESS)
    browser = server.browser()
    path = await begin_sign_in(browser)

    done = await browser.post(path, strategy="email_code", code=typed)

    assert done.json()["response"]["status"] == "complete"


async def _sign_up(server: TestServer, typed: str) -> Any:
    browser = server.browser()
    started = await browser.begin_sign_up(ADDRESS)
    path = f"/v1/client/sign_ups/{started['id']}/attempt_verification"
    return (await browser.post(path, strategy="email_code", code=typed)).json()["response"]["status"]


async def _reset(server: TestServer, typed: str) -> Any:
    await server.backend().create_user(ADDRESS)
    browser = server.browser()
    path = await begin_sign_in(browser, "reset_password_email_code")
    done = await browser.post(path, strategy="reset_password_email_code", code=typed)
    return done.json()["response"]["status"]


async def _own_address(server: TestServer, typed: str) -> Any:
    browser = server.browser()
    await browser.sign_up()
    added = await browser.post("/v1/me/email_addresses", email_address="new+clerk_test@example.com")
    path = f"/v1/me/email_addresses/{added.json()['response']['id']}"
    await browser.post(f"{path}/prepare_verification", strategy="email_code")
    done = await browser.post(f"{path}/attempt_verification", code=typed)
    return done.json()["response"]["verification"]["status"]


async def _reverification(server: TestServer, typed: str) -> Any:
    browser = server.browser()
    session = (await browser.sign_up())["sessions"][0]["id"]
    path = f"/v1/client/sessions/{session}/verify"
    await browser.post(path, level="first_factor")
    factors = (await browser.get("/v1/client")).json()["response"]["sessions"][0]["user"]["email_addresses"]
    await browser.post(
        f"{path}/prepare_first_factor", strategy="email_code", email_address_id=factors[0]["id"]
    )
    done = await browser.post(f"{path}/attempt_first_factor", strategy="email_code", code=typed)
    return done.json()["response"]["status"]


async def _by_the_backend(server: TestServer, typed: str) -> Any:
    backend = server.backend()
    user = await backend.add_user(ADDRESS)
    path = f"/v1/email_addresses/{user['email_addresses'][0]['id']}"
    prepared = await backend.post(f"{path}/prepare_verification")
    done = await backend.post(
        f"{path}/attempt_verification", verification_id=prepared.json()["id"], code=typed
    )
    return done.json()["status"]


@pytest.mark.parametrize(
    ("attempt", "right"),
    [
        pytest.param(_sign_up, "complete", id="sign-up"),
        pytest.param(_reset, "needs_new_password", id="reset"),
        pytest.param(_own_address, "verified", id="own-address"),
        pytest.param(_reverification, "complete", id="reverification"),
        pytest.param(_by_the_backend, "verified", id="backend"),
    ],
)
async def test_code_in_groups_of_full_width_digits_is_right_everywhere(
    server: TestServer, attempt: Any, right: str
) -> None:
    assert await attempt(server, "\uff14\uff12\uff14 \uff12\uff14\uff12") == right


async def test_separators_alone_are_no_attempt(server: TestServer) -> None:
    await server.backend().add_user(ADDRESS)
    browser = server.browser()
    path = await begin_sign_in(browser)

    for _ in range(6):
        empty = await browser.post(path, strategy="email_code", code=" - ")
        assert error_of(empty)[:2] == (422, "form_param_nil")

    done = await browser.post(path, strategy="email_code", code="424242")
    assert done.json()["response"]["status"] == "complete"


@pytest.mark.parametrize("wrong", ["424243", "42424", "4242422", "424242a", "\u4e8c424242"])
async def test_wrong_code_still_counts_as_an_attempt(server: TestServer, wrong: str) -> None:
    await server.backend().create_user(ADDRESS, password=PASSWORD)
    browser = server.browser()
    path = await begin_sign_in(browser)

    refused = await browser.post(path, strategy="email_code", code=wrong)

    shown = (await browser.get("/v1/client")).json()["response"]["sign_in"]
    assert error_of(refused)[:2] == (422, "form_code_incorrect")
    assert shown["first_factor_verification"]["attempts"] == 1
