"""Browsers that would circle between application and sign-in in development end at a page that says why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from examples.fastapi_app.app import create_app
from greffier.testing import TestServer, serving
from tests.browser.visitor import PASSWORD, Site
from tests.support.sign_in_form import enter_password

pytestmark = pytest.mark.browser
ADA = "ada@example.com"


@pytest.mark.parametrize("path", ["/", "/dashboard", "/sign-in"])
def test_application_tells_a_browser_without_cookies_after_one_trip(
    site: Site, without_cookies: BrowserContext, path: str
) -> None:
    page = without_cookies.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{site.url}{path}")

    expect(page.get_by_role("heading")).to_have_text("Signing in did not work")
    expect(page.get_by_text("cookies are blocked")).to_be_visible()
    expect(page.get_by_text("Reference:")).to_be_visible()
    assert len(asked) == 3


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/user", "/oauth-verification"])
def test_hosted_page_tells_a_browser_without_cookies(
    site: Site, without_cookies: BrowserContext, path: str
) -> None:
    page = without_cookies.new_page()

    page.goto(f"{site.greffier}{path}")

    expect(page.get_by_role("status")).to_contain_text("refuses cookies")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestServer]:
    """With one person, and an environment for its application."""
    with TestServer() as server:
        server.create_user(email_address=ADA, password=PASSWORD)
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.mark.parametrize("off", [-3600, 3600])
def test_application_whose_clock_is_an_hour_off_says_that_signing_in_did_not_work(
    chromium: Browser, server: TestServer, off: int, caplog: pytest.LogCaptureFixture
) -> None:
    page = chromium.new_page()
    with serving(create_app(lambda: server.clock() + off)) as url:
        page.goto(f"{url}/dashboard")
        enter_password(page, ADA)

        expect(page.get_by_role("heading")).to_have_text("Signing in did not work")
        expect(page.get_by_text("Reference:")).to_be_visible()
    assert "clock" in caplog.text


def test_application_with_the_secret_key_of_another_instance_says_that_it_cannot_tell_who_asks(
    chromium: Browser, server: TestServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("GREFFIER_SECRET_KEY", f"sk_test_{'x' * 43}")
    page = chromium.new_page()
    with serving(create_app()) as url:
        page.goto(f"{url}/dashboard")

        expect(page.get_by_role("heading")).to_have_text("Please try again")
        expect(page.get_by_text("Reference:")).to_be_visible()
    assert "secret key is invalid" in caplog.text
