"""A person at the page of the development provider, which stands in for Google."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor

SOCIAL = """
[[social]]
provider = "google"
enabled = true
"""
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4"/></svg>'


def give_logos(visitor: Visitor) -> None:
    """The components have the logos of providers from another site."""
    visitor.context.route(
        "https://img.clerk.com/**",
        lambda route: route.fulfill(content_type="image/svg+xml", body=LOGO),
    )


def press_google(page: Page) -> None:
    """Ends on the page of the development provider."""
    page.get_by_role("button", name="Google").click()
    expect_provider(page)


def expect_provider(page: Page) -> None:
    expect(page.get_by_role("heading", name="Google, in development")).to_be_visible()


def be(page: Page, address: str, *, first: str = "Ada", verified: bool = True, username: str = "") -> None:
    """Be a new person, and go back to the application."""
    page.get_by_label("First name").fill(first)
    page.get_by_label("Last name").fill("Lovelace")
    page.get_by_label("Email address").fill(address)
    page.get_by_label("Google has verified the address").set_checked(verified)
    if username:
        page.get_by_text("User name, picture, account id").click()
        page.get_by_label("User name").fill(username)
    page.get_by_role("button", name="Continue", exact=True).click()


def pages_of(visitor: Visitor) -> list[str]:
    """Paths of the documents that the browser was led to, in their order."""
    return [
        urlsplit(one.url).path
        for one in visitor.responses
        if one.request.resource_type == "document" and one.request.frame == visitor.page.main_frame
    ]
