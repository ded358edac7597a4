"""Numbers with a password, and countries that get no message, with the unmodified components."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser.sites import example_of
from tests.browser.visitor import Site, Visitor
from tests.support.server import PASSWORD
from tests.support.servers_by_database import NewTestServer

pytestmark = pytest.mark.browser

SETTINGS = """
[attributes.email_address]
required = false

[attributes.phone_number]
enabled = true
required = true
identifier = true
verify_at_sign_up = true
verifications = ["phone_code"]
first_factors = ["phone_code"]

[attributes.password]
enabled = true
required = true
"""


@pytest.fixture(scope="module")
def site(new_test_server: NewTestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example, on an instance whose users have a number and a password."""
    data = tmp_path_factory.mktemp("passwords")
    with new_test_server() as server, example_of(server, data, SETTINGS) as site:
        yield site


def newest(visitor: Visitor, number: str, after: str | None = None) -> dict[str, Any]:
    """The newest text message to a number, as soon as it is there."""
    where = f"{visitor.site.greffier}/inbox?to={quote(number)}&wait=20"
    return visitor.context.request.get(where + (f"&after={after}" if after else "")).json()[0]


def enter(visitor: Visitor, code: str) -> None:
    field = visitor.page.get_by_label("Enter verification code")
    field.wait_for()
    field.press_sequentially(code)


def sign_up(visitor: Visitor, number: str) -> dict[str, Any]:
    """Through the pages; the message with the code."""
    visitor.go("/sign-up")
    visitor.page.get_by_label("Phone number").fill(number.removeprefix("+1"))
    password = visitor.page.get_by_label("Password", exact=True)
    password.fill(PASSWORD)
    password.press("Enter")
    message = newest(visitor, number)
    enter(visitor, message["code"])
    visitor.expect_dashboard()
    return message


def give_number(visitor: Visitor, number: str) -> None:
    visitor.go("/sign-in")
    visitor.page.get_by_text("Use phone").click()
    visitor.page.get_by_label("Phone number").fill(number.removeprefix("+1"))
    visitor.page.get_by_role("button", name="Continue", exact=True).click()


def test_forgotten_password_is_replaced_with_the_code_of_a_text_message(visitor: Visitor) -> None:
    number = "+12025550247"
    page = visitor.page
    last = sign_up(visitor, number)
    visitor.sign_out()
    give_number(visitor, number)
    page.get_by_role("link", name="Forgot password?").click()
    page.get_by_role("button", name="Reset your password").click()
    message = newest(visitor, number, after=last["id"])
    page.get_by_label("Enter verification code").wait_for()
    visitor.see("reset-by-phone")
    enter(visitor, message["code"])
    page.get_by_label("New password", exact=True).fill("a wholly different battery")
    page.get_by_label("Confirm password", exact=True).fill("a wholly different battery")
    page.get_by_role("button", name="Reset Password").click()
    expect(page.get_by_text("Your password was successfully changed")).to_be_visible()

    visitor.expect_dashboard()
    assert (message["kind"], message["channel"]) == ("reset_password_code", "sms")


def test_number_of_a_country_that_gets_no_message_is_refused_at_its_field(visitor: Visitor) -> None:
    page = visitor.page
    visitor.tolerated = ("403",)
    visitor.go("/sign-up")
    page.get_by_label("Phone number").fill("+4915112345678")
    password = page.get_by_label("Password", exact=True)
    password.fill(PASSWORD)
    password.press("Enter")

    expect(page.get_by_test_id("form-feedback-error")).to_contain_text(
        "Phone numbers of this country are not supported here"
    )
    visitor.see("blocked-country")
