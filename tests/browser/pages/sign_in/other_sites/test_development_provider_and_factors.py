"""Answers of the development provider that are not the end: missing fields, second factors, and answers that
come too late. On a server whose clock is moved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from greffier.testing import TestServer
from tests.browser.development_provider import be, give_logos, pages_of, press_google
from tests.browser.visitor import Site, Visitor, new_address

pytestmark = pytest.mark.browser
SOCIAL: dict[str, Any] = {"social": [{"provider": "google", "enabled": True}]}
USERNAME = {"username": {"enabled": True, "required": True, "identifier": True}}
PLAIN = {
    "username": {"enabled": False, "required": False},
    "email_address": {"second_factors": []},
    "authenticator_app": {"enabled": False},
}
CODES_BY_MAIL = {"email_address": {"second_factors": ["email_code"]}}
FORCED: dict[str, Any] = {
    "attributes": {"authenticator_app": {"enabled": True}},
    "session": {"tasks": ["setup_mfa"]},
}


@pytest.fixture(scope="module")
def server() -> Iterator[TestServer]:
    with TestServer() as server:
        server.listen()
        yield server


@pytest.fixture
def visitor(chromium: Browser, server: TestServer) -> Iterator[Visitor]:
    server.configure(SOCIAL | {"attributes": PLAIN, "session": {"tasks": ["reset_password"]}})
    visitor = Visitor(chromium.new_context(), Site(server.url, server.url))
    give_logos(visitor)
    yield visitor
    visitor.check()


def expect_profile(visitor: Visitor) -> None:
    expect(visitor.page.get_by_role("button", name="Security")).to_be_visible()


def test_missing_username_is_asked_for(visitor: Visitor, server: TestServer) -> None:
    server.configure({"attributes": USERNAME})
    page = visitor.page
    visitor.go("/sign-up?redirect_url=/user")
    press_google(page)
    be(page, new_address())

    page.get_by_label("Username").fill("countess")
    visitor.see("google-username")
    page.get_by_role("button", name="Continue", exact=True).click()

    expect_profile(visitor)
    assert page.evaluate("Clerk.user.username") == "countess"


def test_second_factor_is_asked_for_after_it(visitor: Visitor, server: TestServer) -> None:
    server.configure({"attributes": CODES_BY_MAIL})
    page, address = visitor.page, new_address()
    server.create_user(email_address=address, password="correct horse battery staple")
    visitor.go("/sign-in?redirect_url=/user")
    press_google(page)
    be(page, address)

    expect(page).to_have_url(re.compile("/sign-in/factor-two"))
    visitor.see("google-second-factor")
    visitor.enter_code(address)

    expect_profile(visitor)


def test_answer_that_comes_too_late_leads_back_to_the_form(visitor: Visitor, server: TestServer) -> None:
    page = visitor.page
    visitor.go("/sign-in?redirect_url=/user")
    press_google(page)
    server.clock.advance(minutes=11)
    be(page, new_address())

    expect(page.get_by_role("button", name="Google")).to_be_visible()
    expect(page.get_by_text("Unable to complete action at this time")).to_be_visible()
    visitor.see("google-expired")
    assert page.evaluate("Clerk.session") is None
    press_google(page)
    be(page, new_address())

    expect_profile(visitor)


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up"])
def test_second_factor_is_set_up_right_after_it(visitor: Visitor, server: TestServer, path: str) -> None:
    server.configure(FORCED)
    page = visitor.page
    visitor.go(f"{path}?redirect_url=/user")
    press_google(page)
    visitor.responses.clear()
    be(page, new_address())

    page.get_by_text("Two-step verification setup").wait_for()
    visitor.see(f"google-task{path.replace('/', '-')}")
    assert page.evaluate("Clerk.session.currentTask.key") == "setup-mfa"
    assert "/user" not in pages_of(visitor), pages_of(visitor)


def test_known_password_is_replaced_right_after_it(visitor: Visitor, server: TestServer) -> None:
    page, address = visitor.page, new_address()
    user = server.create_user(email_address=address, password="correct horse battery staple")
    server.backend_api("POST", f"/v1/users/{user.id}/password/set_compromised")
    visitor.go("/sign-in?redirect_url=/user")
    press_google(page)
    visitor.responses.clear()
    be(page, address)

    page.get_by_label("New password", exact=True).fill("a wholly different battery")
    visitor.see("google-new-password")
    again = page.get_by_label("Confirm password", exact=True)
    again.fill("a wholly different battery")
    # What the form says of the password moves the button, away from under a click on a busy machine.
    again.press("Enter")

    expect_profile(visitor)
    assert page.evaluate("Clerk.user.id") == user.id
