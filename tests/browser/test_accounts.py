"""The main job, in a real browser with the unmodified browser SDK: accounts on the example application."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor, new_address

pytestmark = pytest.mark.browser

NewVisitor = Callable[..., Visitor]

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/19.0 Mobile/15E148 Safari/604.1"
)


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


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
    seen = [visitor.token()]
    deadline = time.monotonic() + 150
    while len(seen) < 3:
        assert time.monotonic() < deadline, f"{len(seen) - 1} refreshes"
        visitor.page.wait_for_timeout(250)
        if (token := visitor.token()) != seen[-1]:
            seen.append(token)
            assert time.time() < claims_of(seen[-2])["exp"], "the former one had expired"
    issued = [claims_of(token)["iat"] for token in seen]
    assert issued == sorted(set(issued))
    assert {claims_of(token)["exp"] - claims_of(token)["iat"] for token in seen} == {60}
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
    visitor.go("/profile")
    visitor.page.get_by_role("button", name="Update profile").click()
    visitor.page.get_by_label("First name").fill("Ada")
    visitor.page.get_by_label("Last name").fill("Lovelace")
    visitor.page.get_by_role("button", name="Save").click()
    expect(visitor.page.get_by_label("First name")).to_be_hidden()
    visitor.see("profile")
    visitor.go("/dashboard")
    expect(visitor.page.get_by_text("Ada Lovelace")).to_be_visible()
    visitor.page.reload()
    expect(visitor.page.get_by_text("Ada Lovelace")).to_be_visible()


def test_a_device_that_another_one_signs_out_gets_no_more_tokens(new_visitor: NewVisitor):
    here, there = (
        new_visitor(),
        new_visitor(user_agent="Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)"),
    )
    address = new_address()
    there.sign_up(address)
    here.sign_in(address)

    here.go("/profile/security")
    expect(here.page.get_by_text("Active devices")).to_be_visible()
    expect(here.page.get_by_text("This device")).to_be_visible()
    here.see("devices")
    here.page.get_by_role("button", name="Open menu").last.click()
    with here.page.expect_response("**/revoke?*") as revoked:
        here.page.get_by_role("menuitem", name="Sign out of device").click()
    assert revoked.value.ok

    there.tolerated = ("401 (Unauthorized)",)
    before = len(there.responses)
    token = there.page.evaluate("Clerk.session.getToken({skipCache: true}).catch(() => null)")
    assert token is None
    statuses = [r.status for r in there.responses[before:] if "/tokens" in r.url]
    assert statuses
    assert set(statuses) == {401}
    assert here.ask_api()["user_id"]
    here.page.reload()
    expect(here.page.get_by_text("This device")).to_be_visible()
    expect(here.page.get_by_role("button", name="Open menu")).to_have_count(0)


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
