"""Signing up and in with a phone number, by SMS and WhatsApp, with the unmodified components."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.sites import example_of
from tests.browser.visitor import Site, Visitor
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
enabled = false
required = false

[phone_numbers]
channels = ["sms", "whatsapp"]
"""
NUMBER = "+12025550243"


@pytest.fixture(scope="module")
def site(new_test_server: NewTestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example, on an instance whose users have a number."""
    data = tmp_path_factory.mktemp("numbers")
    with new_test_server() as server, example_of(server, data, SETTINGS) as site:
        yield site


@pytest.fixture
def visitor(visitor: Visitor) -> Visitor:
    """The mark of WhatsApp, which is on another site, is there."""
    picture = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><circle cx='4' cy='4' r='4'/></svg>"
    visitor.context.route(
        "https://img.clerk.com/**",
        lambda route: route.fulfill(content_type="image/svg+xml", body=picture),
    )
    return visitor


def messages(visitor: Visitor, **query: str) -> list[dict[str, Any]]:
    """The text messages to the number, newest first."""
    where = f"{visitor.site.greffier}/inbox"
    return visitor.context.request.get(where, params={"to": NUMBER, "wait": "20"} | query).json()


def give_number(visitor: Visitor) -> None:
    visitor.page.get_by_label("Phone number").fill("2025550243")
    visitor.page.get_by_role("button", name="Continue", exact=True).click()


def test_visitor_signs_up_and_in_with_their_number(visitor: Visitor):
    visitor.go("/sign-up")
    give_number(visitor)
    visitor.enter_code(NUMBER)
    visitor.expect_dashboard()
    assert visitor.page.evaluate("Clerk.user.primaryPhoneNumber.phoneNumber") == NUMBER
    user = visitor.page.evaluate("Clerk.user.id")
    visitor.sign_out()
    last = messages(visitor)[0]

    visitor.go("/sign-in")
    visitor.page.get_by_text("Use phone").click()
    give_number(visitor)
    code = visitor.page.get_by_label("Enter verification code")
    code.wait_for()
    visitor.see("phone-code")
    (message,) = messages(visitor, after=last["id"])
    code.press_sequentially(message["code"])

    visitor.expect_dashboard()
    assert (message["kind"], message["channel"]) == ("sign_in_code", "sms")
    assert visitor.page.evaluate("Clerk.user.id") == user


def test_page_that_is_loaded_again_still_takes_the_code_that_was_sent(visitor: Visitor):
    page = visitor.page
    visitor.go("/sign-up")
    page.get_by_label("Phone number").fill("2025550244")
    page.get_by_role("button", name="Continue", exact=True).click()
    field = page.get_by_label("Enter verification code")
    field.wait_for()
    code = visitor.code_for("+12025550244")

    page.reload()
    field.wait_for()
    visitor.see("phone-code-again")
    field.press_sequentially(code)

    visitor.expect_dashboard()


def test_visitor_signs_in_with_a_code_by_whatsapp(visitor: Visitor):
    number, page = "+12025550245", visitor.page
    visitor.go("/sign-up")
    page.get_by_label("Phone number").fill("2025550245")
    page.get_by_role("button", name="Continue", exact=True).click()
    visitor.enter_code(number)
    visitor.expect_dashboard()
    visitor.sign_out()

    visitor.go("/sign-in")
    page.get_by_text("Use phone").click()
    visitor.see("whatsapp-start")
    page.get_by_role("button", name="WhatsApp").click()
    page.get_by_label("phone number").fill("2025550245")
    visitor.see("whatsapp-number")
    page.get_by_role("button", name="Continue", exact=True).click()
    code = page.get_by_label("Enter verification code")
    code.wait_for()
    visitor.see("whatsapp-code")
    newest, first = visitor.context.request.get(
        f"{visitor.site.greffier}/inbox", params={"to": number}
    ).json()
    code.press_sequentially(newest["code"])

    visitor.expect_dashboard()
    assert (newest["channel"], first["channel"]) == ("whatsapp", "sms")
