"""Social sign-in in a single-page application of the unmodified `@clerk/react`: by its own form, and by
popups of a development server without https."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.development_provider import SOCIAL, be, expect_provider, give_logos
from tests.browser.react_app import react_site
from tests.browser.visitor import NewVisitor, Site, Visitor, new_address

pytestmark = [pytest.mark.browser, pytest.mark.sdk]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with react_site(tmp_path_factory.mktemp("react-social"), SOCIAL) as site:
        yield site


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    visitor = new_visitor()
    give_logos(visitor)
    return visitor


def press(visitor: Visitor, label: str, path: str = "/custom") -> None:
    visitor.go(path)
    visitor.page.get_by_role("button", name=label).click()


def press_in_popup(visitor: Visitor, label: str, path: str = "/custom") -> Page:
    visitor.go(path)
    with visitor.page.expect_popup() as opened:
        visitor.page.get_by_role("button", name=label).click()
    expect_provider(opened.value)
    return opened.value


def user_id(visitor: Visitor) -> str:
    """Of the user whom the dashboard shows."""
    visitor.expect_dashboard()
    expect(visitor.page.locator("#user")).to_have_text(visitor.page.evaluate("Clerk.user.id"))
    return visitor.page.evaluate("Clerk.user.id")


@pytest.mark.parametrize("hook", ["Former", "Present"])
def test_new_person_signs_up_and_in_by_the_own_form(visitor: Visitor, hook: str) -> None:
    address = new_address()
    press(visitor, f"{hook} sign-up")
    be(visitor.page, address)
    user = user_id(visitor)
    visitor.sign_out()

    press(visitor, f"{hook} sign-in")
    visitor.page.get_by_role("button", name=address).click()

    assert user_id(visitor) == user


@pytest.mark.parametrize("hook", ["Former", "Present"])
def test_both_buttons_of_the_own_form_lead_a_person_to_their_account(visitor: Visitor, hook: str) -> None:
    address = new_address()
    press(visitor, f"{hook} sign-in")
    be(visitor.page, address)
    user = user_id(visitor)
    visitor.sign_out()

    press(visitor, f"{hook} sign-up")
    visitor.page.get_by_role("button", name=address).click()

    assert user_id(visitor) == user


def test_denied_access_leads_to_the_form(visitor: Visitor) -> None:
    press(visitor, "Former sign-in")
    visitor.page.get_by_role("button", name="Deny access").click()

    expect(visitor.page.get_by_role("button", name="Google")).to_be_visible()
    assert "/sign-in" in visitor.page.url


@pytest.mark.parametrize(
    ("path", "label"), [("/popup", "Google"), ("/custom", "Former popup"), ("/custom", "Present popup")]
)
def test_popup_signs_up_and_in_without_https(visitor: Visitor, path: str, label: str) -> None:
    address = new_address()
    popup = press_in_popup(visitor, label, path)
    visitor.see(f"popup{path.replace('/', '-')}")
    be(popup, address)
    user = user_id(visitor)
    if not popup.is_closed():
        popup.wait_for_event("close")
    visitor.sign_out()

    popup = press_in_popup(visitor, label, path)
    popup.get_by_role("button", name=address).click()

    assert user_id(visitor) == user
