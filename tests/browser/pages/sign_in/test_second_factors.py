"""A user sets up an authenticator app with the unmodified browser components, and signs in with it."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Browser, expect

from greffier.testing import TestServer
from tests.browser.visitor import Site, Visitor
from tests.support.server import PASSWORD
from tests.support.sign_in_form import enter_password

pytestmark = pytest.mark.browser
ADA = "ada@example.com"


@pytest.fixture
def server() -> Iterator[TestServer]:
    with TestServer() as server:
        server.listen()
        attributes = {"authenticator_app": {"enabled": True}, "backup_code": {"enabled": True}}
        server.configure({"attributes": attributes})
        server.create_user(email_address=ADA, password=PASSWORD)
        yield server


def code_of(server: TestServer, secret: str) -> str:
    """Returns the code that the app shows now."""
    totp = TOTP(base64.b32decode(secret), 6, SHA1(), 30)
    return totp.generate(int(server.clock())).decode()


def test_person_adds_their_app_and_signs_in_with_it(chromium: Browser, server: TestServer) -> None:
    visitor = Visitor(chromium.new_context(), Site(server.url, server.url))
    page = visitor.page
    visitor.go("/sign-in?redirect_url=/user")
    enter_password(page, ADA)
    page.get_by_role("button", name="Security").click()
    page.get_by_role("button", name="Add two-step verification").click()
    with page.expect_response("**/v1/me/totp?*") as created:
        page.get_by_role("menuitem", name="Authenticator application").click()
    secret = created.value.json()["response"]["secret"]
    visitor.see("authenticator-app")
    page.get_by_role("button", name="Continue").click()
    with page.expect_response("**/attempt_verification?*") as verified:
        page.get_by_label("Enter verification code").press_sequentially(code_of(server, secret))
    codes = verified.value.json()["response"]["backup_codes"]
    expect(page.get_by_text(codes[0]).first).to_be_visible()
    visitor.see("backup-codes")
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_text("Authenticator application", exact=True)).to_be_visible()

    server.clock.advance(minutes=1)
    other = Visitor(chromium.new_context(), Site(server.url, server.url))
    other.go("/sign-in?redirect_url=/user")
    enter_password(other.page, ADA)
    other.page.get_by_label("Enter verification code").press_sequentially(code_of(server, secret))

    expect(other.page.get_by_role("button", name="Security")).to_be_visible()
    visitor.check()
    other.check()
