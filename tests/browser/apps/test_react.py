"""The main job in a single-page application of the unmodified `@clerk/react`, built with Vite."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.email_links import LINKS, ask_for_link, open_link
from tests.browser.own_account import (
    change_name,
    change_password,
    claims_of,
    expect_no_more_tokens,
    on_two_devices,
    sign_out_the_other_device,
    watch_refreshes,
)
from tests.browser.react_app import react_site
from tests.browser.visitor import NewVisitor, Site, Visitor, new_address

pytestmark = [pytest.mark.browser, pytest.mark.sdk]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with react_site(tmp_path_factory.mktemp("react"), LINKS) as site:
        yield site


def test_a_person_signs_up_with_the_code_from_the_inbox_and_a_reload_keeps_the_session(visitor: Visitor):
    visitor.sign_up(new_address())
    visitor.see("react-dashboard")
    session = visitor.page.evaluate("Clerk.session.id")

    visitor.page.reload()

    visitor.expect_dashboard()
    assert visitor.page.evaluate("Clerk.session.id") == session
    assert visitor.page.locator("#user").inner_text() == visitor.page.evaluate("Clerk.user.id")


def test_the_session_token_is_replaced_before_it_expires(visitor: Visitor):
    """Watched for two refreshes, in real time: under two minutes."""
    visitor.sign_up(new_address())
    watch_refreshes(visitor, 2)
    assert claims_of(visitor.token())["sub"] == visitor.page.locator("#user").inner_text()


def test_a_person_signs_out_and_in_by_password(visitor: Visitor):
    address = new_address()
    visitor.sign_up(address)
    user, session = visitor.page.evaluate("[Clerk.user.id, Clerk.session.id]")

    visitor.sign_out()

    visitor.see("react-signed-out")
    visitor.go("/dashboard")
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible()
    visitor.see("react-sign-in")
    visitor.sign_in(address)
    assert visitor.page.evaluate("Clerk.user.id") == user
    assert visitor.page.evaluate("Clerk.session.id") != session


def test_a_person_changes_their_name_and_their_password(visitor: Visitor):
    address, new = new_address(), "a wholly different battery"
    visitor.sign_up(address)

    change_name(visitor, "Ada", "Lovelace")
    visitor.see("react-profile")
    change_password(visitor, new)

    visitor.go("/dashboard")
    visitor.sign_out()
    visitor.sign_in(address, password=new)
    assert visitor.page.evaluate("Clerk.user.fullName") == "Ada Lovelace"


def test_a_device_that_another_one_signs_out_gets_no_more_tokens(new_visitor: NewVisitor):
    here, there = on_two_devices(new_visitor)

    sign_out_the_other_device(here)

    expect_no_more_tokens(there)
    assert here.page.evaluate("Clerk.session.getToken({skipCache: true})")


def test_a_person_signs_in_by_the_link_from_the_inbox(visitor: Visitor):
    address = new_address()
    visitor.sign_up(address)
    user = visitor.page.evaluate("Clerk.user.id")
    visitor.sign_out()
    ask_for_link(visitor, address)

    opened = open_link(visitor, address)

    visitor.see("react-email-link-opened")
    expect(opened.locator("#user")).to_have_text(user)


def test_what_a_plan_opens_is_shut_after_it_is_taken_away(visitor: Visitor, site: Site):
    visitor.sign_up(new_address())
    user = visitor.page.evaluate("Clerk.user.id")
    page = visitor.page

    def entitle(plan: str | None, *features: str) -> None:
        entitlements = {"token_entitlements": {"plan": plan, "features": features}}
        url, key = f"{site.greffier}/v1/users/{user}/metadata", f"Bearer {site.secret_key}"
        answer = httpx.patch(url, headers={"authorization": key}, json={"private_metadata": entitlements})
        answer.raise_for_status()

    visitor.go("/plans")
    expect(page.get_by_text("Only with Pro")).to_be_visible()
    entitle("pro", "export")
    page.reload()
    expect(page.get_by_text("Welcome to Pro")).to_be_visible()
    expect(page.get_by_role("button", name="Export")).to_be_visible()
    expect(page.get_by_text("Your organization has Pro")).to_have_count(0)
    visitor.see("react-plans")
    entitle("free")
    page.reload()
    expect(page.get_by_text("Only with Pro")).to_be_visible()
    expect(page.get_by_role("button", name="Export")).to_have_count(0)
