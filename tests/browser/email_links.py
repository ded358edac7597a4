"""Steps of signing in by a link in a mail, the same in every application."""

from __future__ import annotations

from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor

LINKS = 'attributes.email_address.first_factors = ["email_link"]'
"""Settings of an instance whose people sign in by a link, not by a code."""


def ask_for_link(visitor: Visitor, address: str) -> None:
    """On the sign-in page, instead of the password; the page then waits for the link to be opened."""
    page = visitor.page
    visitor.go("/sign-in")
    page.get_by_label("Email address").fill(address)
    page.get_by_role("button", name="Continue", exact=True).click()
    page.get_by_role("link", name="Use another method").click()
    page.get_by_role("button", name=f"Email link to {address}").click()
    expect(page.get_by_text("Use the verification link sent to your email")).to_be_visible()


def open_link(visitor: Visitor, address: str) -> Page:
    """Open the newest link to an address: the new page goes on, signed in, and the one that asked says so."""
    opened = visitor.open_page()
    opened.goto(link_for(visitor, address))
    expect(opened).to_have_url(f"{visitor.site.url}/dashboard")
    expect(visitor.page.get_by_text("Return to the newly opened tab to continue")).to_be_visible()
    return opened


def link_for(visitor: Visitor, address: str) -> str:
    """The link in the newest mail to an address."""
    inbox = f"{visitor.site.greffier}/inbox?to={quote(address)}"
    newest = visitor.context.request.get(inbox).json()[0]
    return newest["links"][0]
