"""The link of a notice, in a browser without any session."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
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
        server.create_user(email_address=ADA, password=PASSWORD)
        yield server


def signed_in(chromium: Browser, server: TestServer) -> Visitor:
    visitor = Visitor(chromium.new_context(), Site(server.url, server.url))
    visitor.go("/sign-in?redirect_url=/user")
    enter_password(visitor.page, ADA)
    expect(visitor.page.get_by_role("button", name="Security")).to_be_visible()
    return visitor


def test_owner_signs_an_unknown_device_out(chromium: Browser, server: TestServer) -> None:
    signed_in(chromium, server)
    intruder = signed_in(chromium, server)
    owner = Visitor(chromium.new_context(), Site(server.url, server.url))
    owner.go("/inbox")
    owner.page.get_by_text("New sign-in to your account").first.click()
    html = server.request("GET", "/inbox?to=" + ADA).body.decode()
    link = re.findall(r"/end-session\?token=[\w-]+", html)[0]

    owner.go(link)
    owner.see("end-session")
    owner.page.get_by_role("button", name="Sign out that device").click()

    expect(owner.page.get_by_text("This sign-in was not authorized")).to_be_visible()
    owner.see("session-ended")
    intruder.go("/user")
    expect(intruder.page.get_by_label("Email address")).to_be_visible()
