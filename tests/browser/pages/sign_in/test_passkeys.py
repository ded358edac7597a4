"""People with a passkey and the unmodified browser components. Chromium's virtual authenticator keeps it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Browser, expect

from greffier.testing import TestServer
from tests.browser.virtual_authenticator import CHROME, with_authenticator
from tests.browser.visitor import Site, Visitor
from tests.support.server import PASSWORD
from tests.support.servers_by_database import NewTestServer
from tests.support.sign_in_form import enter_password

pytestmark = pytest.mark.browser
ADA = "ada@example.com"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
BY_BUTTON = {"passkeys": {"allow_autofill": False}}


@pytest.fixture
def server(new_test_server: NewTestServer) -> Iterator[TestServer]:
    with new_test_server() as server:
        server.listen()
        server.configure({"attributes": {"passkey": {"enabled": True}}})
        server.create_user(email_address=ADA, password=PASSWORD)
        yield server


@pytest.fixture
def visitor(chromium: Browser, server: TestServer) -> Iterator[Visitor]:
    """A browser on a device that verifies its user, and has no passkey yet."""
    visitor = Visitor(chromium.new_context(user_agent=CHROME), Site(server.url, server.url))
    with_authenticator(visitor.page)
    yield visitor
    visitor.check()


def add_passkey(visitor: Visitor) -> None:
    """After signing in by password, in the profile."""
    visitor.go("/sign-in?redirect_url=/user")
    enter_password(visitor.page, ADA)
    visitor.page.get_by_role("button", name="Security").click()
    visitor.see("passkeys-none")
    visitor.page.get_by_role("button", name="Add a passkey").click()
    expect(visitor.page.get_by_text("Created: Today")).to_be_visible()


def passkeys_of(server: TestServer) -> list[dict[str, Any]]:
    (user,) = server.backend_api("GET", "/v1/users")
    return user["passkeys"]


def sign_out(visitor: Visitor) -> None:
    visitor.page.evaluate("void Clerk.signOut()")  # not awaited: it leaves the page
    expect(visitor.page.get_by_role("button", name="Security")).to_have_count(0)


def test_person_adds_and_renames_and_removes_a_passkey(visitor: Visitor, server: TestServer) -> None:
    server.configure(BY_BUTTON)
    page = visitor.page
    add_passkey(visitor)
    visitor.see("passkey-added")

    page.get_by_role("button", name="Open menu").first.click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_label("Name of Passkey").fill("Work laptop")
    visitor.see("passkey-rename")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Work laptop")).to_be_visible()
    assert [one["name"] for one in passkeys_of(server)] == ["Work laptop"]

    page.get_by_role("button", name="Open menu").first.click()
    page.get_by_role("menuitem", name="Remove").click()
    visitor.see("passkey-remove")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Work laptop")).to_have_count(0)
    assert passkeys_of(server) == []


def test_person_signs_in_by_the_button(visitor: Visitor, server: TestServer) -> None:
    server.configure(BY_BUTTON)
    add_passkey(visitor)
    sign_out(visitor)
    visitor.go("/sign-in?redirect_url=/user")
    visitor.see("passkey-button")
    visitor.page.get_by_role("link", name="Use passkey instead").click()

    expect(visitor.page.get_by_role("button", name="Security")).to_be_visible()


def test_person_signs_in_by_autofill(visitor: Visitor, server: TestServer) -> None:
    """The virtual authenticator takes the passkey that the field suggests, without a click."""
    add_passkey(visitor)
    sign_out(visitor)
    unused = passkeys_of(server)[0]["last_used_at"]
    server.clock.advance(minutes=1)
    visitor.go("/sign-in?redirect_url=/user")

    expect(visitor.page.get_by_role("button", name="Security")).to_be_visible()
    assert passkeys_of(server)[0]["last_used_at"] > unused


def test_person_is_asked_for_the_passkey_after_their_address(visitor: Visitor, server: TestServer) -> None:
    server.configure(BY_BUTTON)
    add_passkey(visitor)
    sign_out(visitor)
    visitor.go("/sign-in?redirect_url=/user")
    visitor.page.get_by_label("Email address").fill(ADA)
    visitor.page.get_by_role("button", name="Continue", exact=True).click()
    expect(visitor.page.get_by_text("Use your passkey")).to_be_visible()
    visitor.see("passkey-card")
    visitor.page.get_by_role("button", name="Continue", exact=True).click()

    expect(visitor.page.get_by_role("button", name="Security")).to_be_visible()


def test_removed_passkey_is_refused_with_words(visitor: Visitor, server: TestServer) -> None:
    server.configure(BY_BUTTON)
    add_passkey(visitor)
    (user,) = server.backend_api("GET", "/v1/users")
    server.backend_api("DELETE", f"/v1/users/{user['id']}/passkeys/{user['passkeys'][0]['id']}")
    sign_out(visitor)
    visitor.tolerated = ("status of 404",)  # the browser's own line
    visitor.go("/sign-in?redirect_url=/user")
    visitor.page.get_by_role("link", name="Use passkey instead").click()

    expect(visitor.page.get_by_text("This passkey belongs to no account").first).to_be_visible()
    visitor.see("passkey-refused")


def test_person_reverifies_with_the_passkey_before_they_remove_it(
    visitor: Visitor, server: TestServer
) -> None:
    server.configure(BY_BUTTON)
    add_passkey(visitor)
    server.clock.advance(minutes=11)
    visitor.tolerated = ("status of 403",)  # the browser's own line
    visitor.go("/user/security")
    visitor.page.get_by_role("button", name="Open menu").first.click()
    visitor.page.get_by_role("menuitem", name="Remove").click()
    visitor.page.get_by_role("button", name="Remove").click()
    visitor.page.get_by_role("button", name="Use your passkey").click()

    expect(visitor.page.get_by_text("Created: Today")).to_have_count(0)
    assert passkeys_of(server) == []


def test_person_with_an_app_needs_no_code_after_the_passkey_and_sees_none_after_a_password(
    visitor: Visitor, server: TestServer
) -> None:
    """Components fail where they would have to name a passkey among second factors."""
    second_factors = {"authenticator_app": {"enabled": True}, "backup_code": {"enabled": True}}
    server.configure(BY_BUTTON | {"attributes": second_factors})
    add_passkey(visitor)
    (user,) = server.backend_api("GET", "/v1/users")
    codes = {"totp_secret": SECRET, "backup_codes": ["spare-1"]}
    server.backend_api("PATCH", f"/v1/users/{user['id']}", codes)
    sign_out(visitor)
    page = visitor.page
    visitor.go("/sign-in?redirect_url=/user")
    page.get_by_label("Email address").fill(ADA)
    page.get_by_role("button", name="Continue", exact=True).click()
    page.get_by_role("link", name="Use another method").click()
    page.get_by_role("button", name="Sign in with your password").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.get_by_label("Enter verification code")).to_be_visible()
    page.get_by_role("link", name="Use another method").click()
    expect(page.get_by_role("button", name="Use a backup code")).to_be_visible()
    visitor.see("passkey-second-factor")

    visitor.go("/sign-in?redirect_url=/user")
    page.get_by_role("link", name="Use passkey instead").click()

    expect(page.get_by_role("button", name="Security")).to_be_visible()


def test_reload_in_the_second_factor_loses_no_progress_to_autofill(
    visitor: Visitor, server: TestServer
) -> None:
    """The form begins a sign-in for autofill as soon as a page shows it, and no other page does."""
    server.configure({"attributes": {"authenticator_app": {"enabled": True}}})
    (user,) = server.backend_api("GET", "/v1/users")
    server.backend_api("PATCH", f"/v1/users/{user['id']}", {"totp_secret": SECRET})
    visitor.go("/sign-in?redirect_url=/user")
    enter_password(visitor.page, ADA)
    code = visitor.page.get_by_label("Enter verification code")
    expect(code).to_be_visible()

    visitor.page.reload()
    app = TOTP(base64.b32decode(SECRET), 6, SHA1(), 30)
    code.press_sequentially(app.generate(int(server.clock())).decode())

    expect(visitor.page.get_by_role("button", name="Security")).to_be_visible()
