"""A user resets a forgotten password, in a real browser with the unmodified browser components."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor, new_address

pytestmark = pytest.mark.browser

NEW_PASSWORD = "a wholly different battery"


@pytest.mark.parametrize("site", ["separate"], indirect=True)
def test_forgotten_password_is_replaced_with_the_code_from_the_inbox(visitor: Visitor):
    page, address = visitor.page, new_address()
    visitor.sign_up(address)
    visitor.sign_out()
    visitor.go("/sign-in")
    page.get_by_label("Email address").fill(address)
    page.get_by_role("button", name="Continue", exact=True).click()
    page.get_by_role("link", name="Forgot password?").click()
    page.get_by_role("button", name="Reset your password").click()
    visitor.enter_code(address)
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    visitor.see("reset-password")
    page.get_by_label("Confirm password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Reset Password").click()
    expect(page.get_by_text("Your password was successfully changed")).to_be_visible()
    visitor.expect_dashboard()
    assert visitor.ask_api()["user_id"] == page.evaluate("Clerk.user.id")
