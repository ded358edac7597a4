"""Signing up and in by "Continue with Google" at a development server, with the unmodified components."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.development_provider import SOCIAL, be, expect_provider, give_logos, pages_of, press_google
from tests.browser.sites import example_site
from tests.browser.visitor import NewVisitor, Site, Visitor, new_address

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with example_site(tmp_path_factory.mktemp("development-provider"), SOCIAL) as site:
        yield site


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    return with_logos(new_visitor)


def with_logos(new_visitor: NewVisitor) -> Visitor:
    visitor = new_visitor()
    give_logos(visitor)
    return visitor


def sign_up(visitor: Visitor, address: str) -> None:
    visitor.go("/sign-up")
    press_google(visitor.page)
    be(visitor.page, address)
    visitor.expect_dashboard()


def user_id(visitor: Visitor) -> str:
    return visitor.page.evaluate("Clerk.user.id")


def test_new_person_signs_up_and_in(visitor: Visitor) -> None:
    address = new_address()
    visitor.go("/sign-up")
    visitor.page.get_by_role("button", name="Google").wait_for()
    visitor.see("google-sign-up")
    press_google(visitor.page)
    visitor.see("development-provider")
    be(visitor.page, address)
    visitor.expect_dashboard()
    user = user_id(visitor)
    assert visitor.page.evaluate("Clerk.user.primaryEmailAddress.emailAddress") == address
    visitor.sign_out()

    visitor.go("/sign-in")
    press_google(visitor.page)
    visitor.see("development-provider-again")
    visitor.responses.clear()
    visitor.page.get_by_role("button", name=address).click()

    visitor.expect_dashboard()
    assert user_id(visitor) == user
    assert not [path for path in pages_of(visitor) if path.startswith("/sign-in")], pages_of(visitor)


def test_sign_in_of_a_new_person_becomes_a_sign_up(visitor: Visitor) -> None:
    visitor.go("/sign-in")
    press_google(visitor.page)
    be(visitor.page, new_address(), first="Grace")

    visitor.expect_dashboard()
    assert visitor.page.evaluate("Clerk.user.firstName") == "Grace"


def test_sign_up_of_a_known_person_becomes_a_sign_in(new_visitor: NewVisitor) -> None:
    first, again, address = with_logos(new_visitor), with_logos(new_visitor), new_address()
    sign_up(first, address)

    sign_up(again, address)

    assert user_id(again) == user_id(first)


def test_person_without_address_enters_one(visitor: Visitor) -> None:
    address = new_address()
    visitor.go("/sign-up")
    press_google(visitor.page)
    be(visitor.page, "")

    visitor.page.get_by_label("Email address").fill(address)
    visitor.see("google-continue")
    visitor.page.get_by_role("button", name="Continue", exact=True).click()
    visitor.enter_code(address)

    visitor.expect_dashboard()
    assert visitor.page.evaluate("Clerk.user.externalAccounts.length") == 1


def test_account_is_connected_and_removed_in_the_profile(visitor: Visitor) -> None:
    visitor.sign_up(new_address())
    page, address = visitor.page, new_address()
    visitor.go("/profile")
    page.get_by_role("button", name="Connect account").click()
    page.get_by_role("menuitem", name="Google").click()
    expect_provider(page)
    be(page, address)

    expect(page.get_by_text(address)).to_be_visible()
    visitor.see("google-connected")

    page.get_by_role("button", name="Open menu").last.click()
    page.get_by_role("menuitem", name="Remove").click()
    page.get_by_role("button", name="Remove").click()

    expect(page.get_by_text(address)).to_be_hidden()
    expect(page.get_by_role("button", name="Connect account")).to_be_visible()


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up"])
def test_denied_access_is_said_and_may_be_tried_again(visitor: Visitor, path: str) -> None:
    visitor.go(path)
    press_google(visitor.page)
    visitor.page.get_by_role("button", name="Deny access").click()

    expect(visitor.page.get_by_text("You did not grant access to your account.")).to_be_visible()
    visitor.see(f"google-denied{path.replace('/', '-')}")
    press_google(visitor.page)
    be(visitor.page, new_address())

    visitor.expect_dashboard()


def test_failed_connection_is_said_in_the_profile(visitor: Visitor) -> None:
    visitor.sign_up(new_address())
    page = visitor.page
    visitor.go("/profile")
    page.get_by_role("button", name="Connect account").click()
    page.get_by_role("menuitem", name="Google").click()
    page.get_by_role("button", name="Deny access").click()

    expect(page.get_by_text("did not allow access")).to_be_visible()
    visitor.see("google-not-connected")


def test_back_from_the_provider_leads_to_a_form_that_works(visitor: Visitor) -> None:
    visitor.go("/sign-in")
    press_google(visitor.page)
    visitor.page.go_back()
    press_google(visitor.page)
    be(visitor.page, new_address())

    visitor.expect_dashboard()


def test_back_from_the_application_and_a_second_answer_change_nothing(visitor: Visitor) -> None:
    sign_up(visitor, new_address())
    user = user_id(visitor)
    page = visitor.page
    while "/development-provider/" not in page.url:
        page.go_back()
    expect_provider(page)
    be(page, new_address(), first="Eve")

    visitor.expect_dashboard()
    assert user_id(visitor) == user


def test_of_two_tabs_the_later_goes_on_and_the_earlier_begins_again(visitor: Visitor) -> None:
    first, second = visitor.page, visitor.open_page()
    address = new_address()
    for page in (first, second):
        page.goto(f"{visitor.site.url}/sign-in")
        press_google(page)

    be(first, address)
    expect(first.get_by_role("button", name="Google")).to_be_visible()
    be(second, address)

    expect(second).to_have_url(f"{visitor.site.url}/dashboard")
    first.reload()
    expect(first).to_have_url(f"{visitor.site.url}/dashboard")
    assert second.evaluate("Clerk.client.sessions.length") == 1


def test_reload_of_the_callback_page_finishes_what_was_interrupted(visitor: Visitor) -> None:
    visitor.tolerated = ("ERR_FAILED",)
    visitor.go("/sign-in")
    press_google(visitor.page)
    visitor.context.route("**/v1/client/sign_ups?*", lambda route: route.abort(), times=1)
    with visitor.page.expect_event("requestfailed", lambda request: "/v1/client/sign_ups" in request.url):
        be(visitor.page, new_address())
    assert "sso-callback" in visitor.page.url

    visitor.page.reload()

    visitor.expect_dashboard()
