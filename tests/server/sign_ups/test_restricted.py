"""An instance with restricted sign-ups: its users are made by the application."""

from __future__ import annotations

import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, Browser, TestServer

ADA = "ada+clerk_test@example.com"


@pytest.fixture
async def browser(server: TestServer) -> Browser:
    await configure(server, {"sign_up": {"mode": "restricted"}})
    return server.browser()


async def test_sign_ups_are_refused(server: TestServer, browser: Browser) -> None:
    refused = await browser.post("/v1/client/sign_ups", email_address=ADA, password=PASSWORD)

    assert error_of(refused)[:2] == (403, "sign_up_mode_restricted")
    assert (await browser.get("/v1/client")).json()["response"] is None
    assert (await server.backend().get("/v1/users/count")).json()["total_count"] == 0


async def test_form_knows_it_from_the_environment(browser: Browser) -> None:
    environment = (await browser.get("/v1/environment")).json()

    assert environment["user_settings"]["sign_up"]["mode"] == "restricted"


async def test_users_whom_the_application_made_sign_in(server: TestServer, browser: Browser) -> None:
    await server.backend().create_user(ADA, password=PASSWORD)

    assert await browser.sign_in(ADA, PASSWORD)


async def test_sign_in_does_not_become_a_sign_up(browser: Browser) -> None:
    fields = {"identifier": ADA, "strategy": "email_code", "sign_up_if_missing": "true"}

    refused = await browser.post("/v1/client/sign_ins", **fields)

    assert error_of(refused)[:2] == (422, "form_identifier_not_found")


async def test_sign_up_that_was_begun_before_may_be_finished(server: TestServer) -> None:
    browser = server.browser()
    await browser.begin_sign_up(ADA)
    await configure(server, {"sign_up": {"mode": "restricted"}})

    sign_up = (await browser.get("/v1/client")).json()["response"]["sign_up"]
    path = f"/v1/client/sign_ups/{sign_up['id']}/attempt_verification"
    done = await browser.post(path, strategy="email_code", code="424242")

    assert done.json()["response"]["status"] == "complete"
