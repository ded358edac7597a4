"""Second factors with the unmodified browser components: set up in the profile, or because the instance
forces them, and used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from greffier.testing import TestServer
from tests.browser.visitor import Site, Visitor
from tests.support.factors.authenticator_apps import code_of
from tests.support.factors.qr_codes import text_in
from tests.support.factors.second_factor_numbers import ATTRIBUTES, NUMBER
from tests.support.server import PASSWORD, TEST_CODE
from tests.support.servers_by_database import NewTestServer
from tests.support.sign_in_form import enter_password

pytestmark = pytest.mark.browser
ADA = "ada@example.com"


@pytest.fixture
def server(new_test_server: NewTestServer) -> Iterator[TestServer]:
    with new_test_server() as server:
        server.listen()
        server.configure({"attributes": ATTRIBUTES})
        server.create_user(email_address=ADA, password=PASSWORD)
        yield server


def new_visitor(chromium: Browser, server: TestServer) -> Visitor:
    return Visitor(chromium.new_context(), Site(server.url, server.url))


def enter(page: Page, code: str) -> None:
    page.get_by_label("Enter verification code").press_sequentially(code)


class AppOnPhone:
    """Reads the QR code on a page, and shows its codes by the server's clock."""

    def __init__(self, server: TestServer, page: Page) -> None:
        page.get_by_text("scan the following QR code").wait_for()
        pictures = (page.screenshot() for _ in range(100))  # it moves into its place
        self.uri = urlsplit(next(text for picture in pictures if (text := text_in(picture))))
        self._server = server

    def code(self) -> str:
        secret = parse_qs(self.uri.query)["secret"][0]
        return code_of(secret, seconds=int(self._server.clock()))


def add_app(visitor: Visitor, server: TestServer) -> tuple[AppOnPhone, list[str]]:
    """In the profile of a user who has just signed in. The app, and the backup codes that came with it."""
    page = visitor.page
    page.get_by_role("button", name="Security").click()
    page.get_by_role("button", name="Add two-step verification").click()
    page.get_by_role("menuitem", name="Authenticator application").click()
    app = AppOnPhone(server, page)
    visitor.see("authenticator-app")
    page.get_by_role("button", name="Continue").click()
    with page.expect_response("**/attempt_verification?*") as verified:
        enter(page, app.code())
    codes = verified.value.json()["response"]["backup_codes"]
    expect(page.get_by_text(codes[0]).first).to_be_visible()
    visitor.see("backup-codes")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_text("Authenticator application", exact=True)).to_be_visible()
    return app, codes


def signed_in(chromium: Browser, server: TestServer) -> Visitor:
    """On the profile page."""
    visitor = new_visitor(chromium, server)
    visitor.go("/sign-in?redirect_url=/user")
    enter_password(visitor.page, ADA)
    expect(visitor.page.get_by_role("button", name="Security")).to_be_visible()
    return visitor


def at_second_step(chromium: Browser, server: TestServer) -> Visitor:
    visitor = new_visitor(chromium, server)
    go_to_second_step(visitor)
    return visitor


def go_to_second_step(visitor: Visitor) -> None:
    visitor.go("/sign-in?redirect_url=/user")
    enter_password(visitor.page, ADA)
    expect(visitor.page).to_have_url(re.compile("/sign-in/factor-two"))


def expect_profile(visitor: Visitor) -> None:
    expect(visitor.page.get_by_role("button", name="Security")).to_be_visible()
    visitor.check()


def test_user_adds_their_app_from_its_qr_code_and_signs_in_with_it(
    chromium: Browser, server: TestServer
) -> None:
    visitor = signed_in(chromium, server)
    app, _ = add_app(visitor, server)
    visitor.check()
    server.clock.advance(minutes=1)

    other = at_second_step(chromium, server)
    other.see("code-of-the-app")
    enter(other.page, app.code())

    assert (app.uri.scheme, app.uri.netloc) == ("otpauth", "totp")
    assert ADA in app.uri.path.replace("%40", "@")
    expect_profile(other)


def test_backup_code_signs_in_once_and_not_twice(chromium: Browser, server: TestServer) -> None:
    _, codes = add_app(signed_in(chromium, server), server)

    for time in ("first", "second"):
        visitor = at_second_step(chromium, server)
        visitor.tolerated = ("status of 422",) if time == "second" else ()
        page = visitor.page
        page.get_by_role("link", name="Use another method").click()
        page.get_by_role("button", name="Use a backup code").click()
        page.get_by_label("Backup code").fill(codes[0])
        page.get_by_role("button", name="Continue", exact=True).click()
        if time == "first":
            expect_profile(visitor)
        else:
            expect(page.get_by_text("Incorrect code").first).to_be_visible()
            visitor.see("used-backup-code")
            assert page.evaluate("Clerk.session") is None


def test_reload_in_the_middle_of_a_second_factor_keeps_its_place(
    chromium: Browser, server: TestServer
) -> None:
    app, _ = add_app(signed_in(chromium, server), server)
    server.clock.advance(minutes=1)
    visitor = at_second_step(chromium, server)
    sign_in = visitor.page.evaluate("Clerk.client.signIn.id")

    visitor.page.reload()
    expect(visitor.page).to_have_url(re.compile("/sign-in/factor-two"))
    visitor.page.get_by_label("Enter verification code").wait_for()
    after = visitor.page.evaluate("Clerk.client.signIn.id")
    enter(visitor.page, app.code())

    assert after == sign_in
    expect_profile(visitor)


def test_number_becomes_the_second_factor_and_signs_in(chromium: Browser, server: TestServer) -> None:
    visitor = signed_in(chromium, server)
    page = visitor.page
    page.get_by_role("button", name="Security").click()
    page.get_by_role("button", name="Add two-step verification").click()
    page.get_by_role("menuitem", name="SMS code").click()
    page.get_by_role("button", name="Add phone number").click()
    page.get_by_role("textbox", name="Phone number").fill(NUMBER.removeprefix("+1"))
    with page.expect_response("**/prepare_verification?*"):
        page.get_by_role("button", name="Add", exact=True).click()
    with page.expect_response("**/v1/me/phone_numbers/*?*_method=PATCH*") as reserved:
        enter(page, TEST_CODE)
    codes = reserved.value.json()["response"]["backup_codes"]
    expect(page.get_by_text(codes[0]).first).to_be_visible()
    visitor.see("number-with-backup-codes")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_text("SMS code").first).to_be_visible()
    expect(page.get_by_text(codes[0])).to_have_count(0)
    visitor.see("number-as-second-factor")
    visitor.check()

    other = new_visitor(chromium, server)
    with other.page.expect_response("**/prepare_second_factor?*"):
        go_to_second_step(other)
    other.page.get_by_label("Enter verification code").wait_for()
    other.see("code-by-text-message")
    enter(other.page, TEST_CODE)

    expect_profile(other)


@pytest.fixture
def forced(server: TestServer) -> TestServer:
    """An instance that forces a second factor."""
    server.configure({"attributes": ATTRIBUTES, "session": {"tasks": ["setup_mfa"]}})
    return server


def at_task(chromium: Browser, server: TestServer) -> Visitor:
    visitor = new_visitor(chromium, server)
    visitor.go("/sign-in?redirect_url=/user")
    enter_password(visitor.page, ADA)
    expect(visitor.page).to_have_url(re.compile("tasks/setup-mfa"))
    assert visitor.page.evaluate("Clerk.session.status") == "pending"
    return visitor


def test_forced_user_sets_an_app_up_before_they_are_let_in(chromium: Browser, forced: TestServer) -> None:
    visitor = at_task(chromium, forced)
    page = visitor.page
    visitor.see("forced-second-factor")
    page.get_by_role("button", name="Authenticator application").click()
    app = AppOnPhone(forced, page)
    visitor.see("forced-app")
    page.get_by_role("button", name="Continue").click()
    enter(page, app.code())
    page.get_by_text("backup codes").first.wait_for()
    visitor.see("forced-app-codes")
    page.get_by_role("button", name="Continue").click()

    expect_profile(visitor)
    assert page.evaluate("Clerk.session.status") == "active"


def test_forced_user_adds_a_number_before_they_are_let_in(chromium: Browser, forced: TestServer) -> None:
    visitor = at_task(chromium, forced)
    page = visitor.page
    page.get_by_role("button", name="SMS code").click()
    page.get_by_role("textbox", name="Phone number").fill(NUMBER.removeprefix("+1"))
    visitor.see("forced-number")
    with page.expect_response("**/prepare_verification?*"):
        page.get_by_role("button", name="Continue").click()
    enter(page, TEST_CODE)
    page.get_by_text("backup codes").first.wait_for()
    visitor.see("forced-number-codes")
    page.get_by_role("button", name="Continue").click()

    expect_profile(visitor)
    assert page.evaluate("Clerk.user.phoneNumbers[0].reservedForSecondFactor") is True


def test_reload_in_the_middle_of_the_task_keeps_its_place(chromium: Browser, forced: TestServer) -> None:
    visitor = at_task(chromium, forced)
    session = visitor.page.evaluate("Clerk.session.id")

    visitor.page.reload()

    expect(visitor.page).to_have_url(re.compile("tasks/setup-mfa"))
    expect(visitor.page.get_by_role("button", name="Authenticator application")).to_be_visible()
    assert visitor.page.evaluate("Clerk.session.id") == session
