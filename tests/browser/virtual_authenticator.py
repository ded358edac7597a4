"""Chromium's virtual authenticator: a device that keeps passkeys and verifies its user without asking."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
)


def with_authenticator(page: Page) -> None:
    """Give the page's device an authenticator without passkeys. The browser's user agent is to be `CHROME`:
    components offer no passkeys to a browser that says that a program drives it."""
    page.add_init_script("Object.defineProperty(navigator, 'webdriver', { get: () => false })")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options: dict[str, Any] = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
