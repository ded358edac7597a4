"""The official sign-in form, filled in as a person does."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.support.server import PASSWORD


def enter_password(page: Page, address: str, password: str = PASSWORD) -> None:
    """An address, then a password, each followed by the button."""
    page.get_by_label("Email address").fill(address)
    page.get_by_role("button", name="Continue", exact=True).click()
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Continue", exact=True).click()
