"""The server's own pages in a real browser: they bring people back, and only to where they may go."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor, new_address

pytestmark = pytest.mark.browser


def begin_sign_up_hosted(visitor: Visitor, address: str, query: str = "") -> None:
    visitor.page.goto(f"{visitor.site.greffier}/sign-up{query}")
    visitor.page.get_by_label("Email address").fill(address)
    password = visitor.page.get_by_label("Password", exact=True)
    password.fill("correct horse battery staple")
    password.press("Enter")  # not the button, which moves when the form says something of the password


def sign_up_hosted(visitor: Visitor, address: str, query: str = "") -> None:
    begin_sign_up_hosted(visitor, address, query)
    visitor.enter_code(address)


def leave_sign_up(visitor: Visitor) -> None:
    """Wait until the page has brought the person, now signed in, somewhere else."""
    visitor.page.wait_for_url(lambda url: "/sign-up" not in url)


def test_a_person_signs_up_on_the_hosted_page_and_comes_back_signed_in(visitor: Visitor):
    back = f"{visitor.site.url}/dashboard"
    sign_up_hosted(visitor, new_address(), f"?redirect_url={back}")
    visitor.expect_dashboard()
    assert visitor.ask_api()["user_id"] == visitor.page.evaluate("Clerk.user.id")


def test_from_the_hosted_sign_in_to_the_sign_up_the_way_back_is_kept(visitor: Visitor):
    back = f"{visitor.site.url}/dashboard"
    visitor.page.goto(f"{visitor.site.greffier}/sign-in?redirect_url={back}")
    visitor.see("hosted-sign-in")
    visitor.page.get_by_role("link", name="Sign up").click()
    expect(visitor.page.get_by_role("heading", name="Create your account")).to_be_visible()
    address = new_address()
    visitor.page.get_by_label("Email address").fill(address)
    visitor.page.get_by_label("Password", exact=True).fill("correct horse battery staple")
    visitor.page.get_by_role("button", name="Continue", exact=True).click()
    visitor.enter_code(address)
    visitor.expect_dashboard()


def test_a_way_back_hidden_behind_the_hash_leads_nowhere_else(visitor: Visitor):
    """The server never sees it; the page itself must refuse it."""
    sign_up_hosted(visitor, new_address(), "#/?redirect_url=https%3A%2F%2Fevil.example%2F")
    leave_sign_up(visitor)
    assert "evil.example" not in visitor.page.url
    assert not any("evil.example" in response.url for response in visitor.responses)


def test_steps_of_the_hosted_page_survive_a_reload(visitor: Visitor):
    address = new_address()
    begin_sign_up_hosted(visitor, address)
    expect(visitor.page).to_have_url(f"{visitor.site.greffier}/sign-up/verify-email-address")
    visitor.page.reload()
    expect(visitor.page.get_by_role("heading", name="Verify your email")).to_be_visible()
    visitor.enter_code(address)
    leave_sign_up(visitor)


def test_a_signed_out_visitor_of_the_profile_page_signs_in_first(visitor: Visitor):
    visitor.page.goto(f"{visitor.site.greffier}/user")
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert f"{visitor.site.greffier}/sign-in" in visitor.page.url


def test_the_hosted_profile_page_shows_who_is_signed_in(visitor: Visitor):
    address = new_address()
    sign_up_hosted(visitor, address)
    leave_sign_up(visitor)
    visitor.page.goto(f"{visitor.site.greffier}/user")
    expect(visitor.page.get_by_text(address).first).to_be_visible()
    visitor.see("hosted-profile")


@pytest.mark.parametrize("path", ["/sign-in", "/oauth-verification"])
@pytest.mark.parametrize("package", ["clerk-js", "ui"])
def test_a_hosted_page_without_a_browser_file_names_its_url_and_both_likely_causes(
    visitor: Visitor, package: str, path: str
):
    visitor.tolerated = ("404 (Not Found)",)
    visitor.context.route(f"**/npm/@clerk/{package}@**", lambda route: route.fulfill(status=404))
    visitor.page.goto(f"{visitor.site.greffier}{path}")
    status = visitor.page.get_by_role("status")
    expect(status).to_contain_text(f"{visitor.site.greffier}/npm/@clerk/{package}@")
    expect(status).to_contain_text("greffier assets install")
    expect(status).to_contain_text("reverse proxy")
    other = {"clerk-js": "ui", "ui": "clerk-js"}[package]
    expect(status).not_to_contain_text(f"/npm/@clerk/{other}@")


def test_the_inbox_shows_new_mail_by_itself_and_copies_its_code(visitor: Visitor):
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    address = new_address()
    inbox = visitor.open_page()
    inbox.goto(f"{visitor.site.greffier}/inbox?to={address}")
    expect(inbox.get_by_text(f"No message to {address} yet")).to_be_visible()
    visitor.page.goto(f"{visitor.site.greffier}/sign-up")
    visitor.page.get_by_label("Email address").fill(address)
    visitor.page.get_by_label("Password", exact=True).fill("correct horse battery staple")
    visitor.page.get_by_role("button", name="Continue", exact=True).click()

    inbox.bring_to_front()
    code = inbox.get_by_label("Code", exact=True)
    expect(code).to_have_text(visitor.code_for(address))
    expect(inbox.get_by_role("link", name=address)).to_have_attribute("aria-current", "true")
    mail = inbox.frame_locator("iframe[title='The message as HTML']")
    expect(mail.get_by_role("heading", name="Verify your email address")).to_be_visible()
    inbox.get_by_role("button", name="Copy code").click()
    expect(inbox.get_by_role("button", name="Copied")).to_be_visible()
    assert inbox.evaluate("navigator.clipboard.readText()") == code.text_content()
    visitor.page = inbox
    visitor.see("inbox")
