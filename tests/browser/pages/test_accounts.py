"""The main job, in a real browser with the unmodified browser SDK: accounts on the example application."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.own_account import (
    change_name,
    change_password,
    expect_no_more_tokens,
    on_two_devices,
    sign_out_the_other_device,
    watch_refreshes,
)
from tests.browser.visitor import NewVisitor, Visitor, new_address

pytestmark = pytest.mark.browser


def test_a_person_signs_up_with_the_code_from_the_inbox(visitor: Visitor):
    visitor.go("/")
    visitor.see("home")
    visitor.page.get_by_role("link", name="Create an account").click()
    expect(visitor.page.get_by_role("heading", name="Create your account")).to_be_visible()
    visitor.see("sign-up")
    visitor.sign_up(new_address())
    visitor.see("dashboard")
    assert visitor.ask_api()["user_id"] == visitor.page.evaluate("Clerk.user.id")


def test_a_reload_keeps_the_session(visitor: Visitor):
    visitor.sign_up(new_address())
    session = visitor.page.evaluate("Clerk.session.id")
    visitor.page.reload()
    visitor.expect_dashboard()
    assert visitor.page.evaluate("Clerk.session.id") == session
    assert visitor.ask_api()["session_id"] == session


@pytest.mark.parametrize("site", ["separate"], indirect=True)
def test_the_session_token_is_replaced_before_it_expires(visitor: Visitor):
    """Watched for two refreshes, in real time: under two minutes."""
    visitor.sign_up(new_address())
    watch_refreshes(visitor, 2)
    assert "user_id" in visitor.ask_api()


def test_signing_out_ends_the_session_for_the_application_too(visitor: Visitor):
    visitor.tolerated = ("401 (Unauthorized) at " + visitor.site.url + "/api/me",)
    visitor.sign_up(new_address())
    visitor.sign_out()
    visitor.see("signed-out")
    assert visitor.ask_api()["errors"][0]["code"] == "authentication_required"
    visitor.go("/dashboard")
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_person_signs_in_by_password_and_comes_back_to_the_page_they_wanted(visitor: Visitor):
    address = new_address()
    visitor.sign_up(address)
    visitor.sign_out()
    visitor.go("/profile/security")
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible()
    visitor.see("sign-in")
    visitor.enter_password(address)
    expect(visitor.page.get_by_text("Active devices")).to_be_visible()
    assert visitor.page.url == f"{visitor.site.url}/profile/security"


def test_a_wrong_password_is_told_at_its_field(visitor: Visitor):
    visitor.tolerated = ("422 (Unprocessable",)
    address = new_address()
    visitor.sign_up(address)
    visitor.sign_out()
    visitor.go("/sign-in")
    visitor.page.get_by_label("Email address").fill(address)
    visitor.page.get_by_role("button", name="Continue", exact=True).click()
    visitor.page.get_by_label("Password", exact=True).fill("not the password")
    visitor.page.get_by_role("button", name="Continue", exact=True).click()
    expect(visitor.page.get_by_test_id("form-feedback-error")).to_contain_text("Password is incorrect")
    visitor.see("wrong-password")


def test_a_person_signs_in_by_a_code_instead_of_the_password(visitor: Visitor):
    address = new_address()
    visitor.sign_up(address)
    visitor.sign_out()
    visitor.go("/sign-in")
    visitor.page.get_by_label("Email address").fill(address)
    visitor.page.get_by_role("button", name="Continue", exact=True).click()
    visitor.page.get_by_role("link", name="Use another method").click()
    visitor.page.get_by_role("button", name="Email code to").click()
    newest = visitor.page.get_by_label("Enter verification code")
    newest.wait_for()
    visitor.enter_code(address)
    visitor.expect_dashboard()


def test_a_person_changes_their_name(visitor: Visitor):
    visitor.sign_up(new_address())
    change_name(visitor, "Ada", "Lovelace")
    visitor.see("profile")
    visitor.go("/dashboard")
    expect(visitor.page.get_by_text("Ada Lovelace")).to_be_visible()
    visitor.page.reload()
    expect(visitor.page.get_by_text("Ada Lovelace")).to_be_visible()


def test_a_person_changes_their_password(visitor: Visitor):
    address, new = new_address(), "a wholly different battery"
    visitor.sign_up(address)
    change_password(visitor, new)
    visitor.go("/dashboard")
    visitor.sign_out()
    visitor.sign_in(address, password=new)


def test_a_device_that_another_one_signs_out_gets_no_more_tokens(new_visitor: NewVisitor):
    here, there = on_two_devices(new_visitor)

    sign_out_the_other_device(here)

    expect_no_more_tokens(there)
    assert here.ask_api()["user_id"]


def test_the_tests_would_see_a_preflight_and_an_error_in_the_console(visitor: Visitor):
    visitor.go("/")
    visitor.page.evaluate(
        "fetch('http://127.0.0.1:9/', {method: 'PUT', headers: {'x-own': '1'}}).catch(() => null)"
    )
    visitor.page.evaluate("console.error('seen')")
    visitor.page.wait_for_timeout(100)
    with pytest.raises(AssertionError):
        visitor.check()
    assert visitor.preflights or visitor.console_errors
    assert any("seen" in error for error in visitor.console_errors)
    visitor.console_errors.clear()
    visitor.preflights.clear()
