"""Signing in and up with one form that does not tell who has an account, with the unmodified components."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.sites import example_site
from tests.browser.visitor import PASSWORD, Site, Visitor, new_address

pytestmark = pytest.mark.browser

SETTINGS = """
[attack_protection]
enumeration_protection = true
"""

_MOUNT = """async () => {
    const place = document.createElement("main");
    document.body.replaceChildren(place);
    Clerk.mountSignIn(place, {withSignUp: true, routing: "hash"});
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example, on an instance that hides accounts."""
    with example_site(tmp_path_factory.mktemp("hidden"), SETTINGS) as site:
        yield site


def name_oneself(visitor: Visitor, address: str) -> None:
    """Give an address to the form that signs in and up."""
    visitor.go("/")
    visitor.page.wait_for_function("window.Clerk && Clerk.loaded")
    visitor.page.evaluate(_MOUNT)
    visitor.page.get_by_label("Email address").fill(address)
    visitor.page.get_by_role("button", name="Continue", exact=True).click()


def test_visitor_without_an_account_proves_their_address_and_signs_up(visitor: Visitor):
    visitor.tolerated = ("404",)
    address = new_address()

    name_oneself(visitor, address)
    visitor.see("hidden-code")
    visitor.enter_code(address)
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.see("hidden-continue")
    visitor.page.get_by_role("button", name="Continue", exact=True).click()

    visitor.page.wait_for_function("Clerk.user")
    assert visitor.page.evaluate("Clerk.user.primaryEmailAddress.emailAddress") == address
    assert visitor.page.evaluate("Clerk.user.primaryEmailAddress.verification.status") == "verified"


def test_user_with_an_account_takes_the_same_steps_and_signs_in(visitor: Visitor):
    address = new_address()
    visitor.sign_up(address)
    user = visitor.page.evaluate("Clerk.user.id")
    visitor.sign_out()

    name_oneself(visitor, address)
    visitor.enter_code(address)

    visitor.page.wait_for_function("Clerk.user")
    assert visitor.page.evaluate("Clerk.user.id") == user


def test_wrong_password_blames_the_identifier_too(visitor: Visitor):
    visitor.tolerated = ("422",)
    visitor.go("/sign-in")
    visitor.page.get_by_label("Email address").fill(new_address())
    visitor.page.get_by_role("button", name="Continue", exact=True).click()
    visitor.page.get_by_role("link", name="Use another method").click()
    visitor.page.get_by_role("button", name="Sign in with your password").click()
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.page.get_by_role("button", name="Continue", exact=True).click()

    said = visitor.page.get_by_test_id("form-feedback-error")
    expect(said).to_contain_text("Password or identifier is incorrect")
    visitor.see("hidden-password")


def test_taken_address_is_not_told_at_the_sign_up(visitor: Visitor):
    address = new_address()
    visitor.sign_up(address)
    visitor.sign_out()

    visitor.begin_sign_up(address)

    visitor.page.get_by_label("Enter verification code").wait_for()
    mail = visitor.context.request.get(f"{visitor.site.greffier}/inbox?to={address}").json()[0]
    assert mail["subject"].startswith("You already have")
