"""A visitor with a browser: their steps on the pages, and the requests and errors behind them."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, expect

from tests.support.server import PASSWORD
from tests.support.sign_in_form import enter_password

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Site:
    """URLs of the application and of Greffier, as a browser uses them."""

    url: str
    greffier: str
    secret_key: str = ""
    """For tests that ask the Backend API."""


def new_address() -> str:
    """Returns an address without an account, whose mail is in the inbox."""
    return f"person{next(_numbers)}-{os.getpid()}@example.com"


@dataclass
class Visitor:
    """One browser, with its cookies, on one page."""

    context: BrowserContext
    site: Site
    console_errors: list[str] = field(default_factory=list[str])
    preflights: list[str] = field(default_factory=list[str])
    responses: list[Response] = field(default_factory=list[Response])
    tolerated: tuple[str, ...] = ()
    """Parts of console errors that this test provokes."""

    def __post_init__(self) -> None:
        self.page = self.open_page()

    def open_page(self) -> Page:
        page = self.context.new_page()
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.console_errors.append(str(error)))
        page.on("response", self._note_response)
        # Pages are not told of preflights; the network below them is.
        network = self.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.requestWillBeSent", self._note_preflight)
        return page

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.console_errors.append(f"{message.text} at {message.location['url']}")

    def _note_response(self, response: Response) -> None:
        self.responses.append(response)

    def _note_preflight(self, event: dict[str, Any]) -> None:
        if event.get("type") == "Preflight" or event["request"]["method"] == "OPTIONS":
            self.preflights.append(event["request"]["url"])

    def check(self) -> None:
        """Nothing went on behind the pages that should not."""
        untolerated = [e for e in self.console_errors if not any(t in e for t in self.tolerated)]
        assert not untolerated, untolerated
        assert not self.preflights, self.preflights

    def go(self, path: str) -> None:
        self.page.goto(self.site.url + path)

    def code_for(self, address: str) -> str:
        """The code in the newest mail to an address, as soon as it is there."""
        answer = self.context.request.get(f"{self.site.greffier}/inbox?to={quote(address)}&wait=20")
        return answer.json()[0]["code"]

    def sign_up(self, address: str) -> None:
        """Through the pages, with the code from the inbox; ends on the dashboard."""
        self.begin_sign_up(address)
        self.enter_code(address)
        self.expect_dashboard()

    def begin_sign_up(self, address: str) -> None:
        self.go("/sign-up")
        self.page.get_by_label("Email address").fill(address)
        password = self.page.get_by_label("Password", exact=True)
        password.fill(PASSWORD)
        # What the form says of the password moves the button, away from under a click on a busy machine.
        password.press("Enter")

    def enter_code(self, address: str) -> None:
        code = self.page.get_by_label("Enter verification code")
        code.wait_for()
        code.press_sequentially(self.code_for(address))

    def sign_in(self, address: str, *, password: str = PASSWORD) -> None:
        """By password, through the pages; ends on the dashboard."""
        self.go("/sign-in")
        self.enter_password(address, password)
        self.expect_dashboard()

    def enter_password(self, address: str, password: str = PASSWORD) -> None:
        enter_password(self.page, address, password)

    def expect_dashboard(self) -> None:
        expect(self.page).to_have_url(f"{self.site.url}/dashboard")
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def sign_out(self) -> None:
        self.page.get_by_role("button", name="Sign out").click()
        # The page that is left shows a signed-out user, too: only after its address has changed is
        # it the start page that says so. (Waiting for a navigation would fail with any that is aborted.)
        expect(self.page).to_have_url(f"{self.site.url}/")
        expect(self.page.get_by_role("link", name="Sign in", exact=True)).to_be_visible()

    def ask_api(self) -> dict[str, Any]:
        """Returns the answer of the application's API, requested from the page with its cookies."""
        return self.page.evaluate("async () => (await fetch('/api/me')).json()")

    def token(self) -> str:
        """The session token in the cookie that the application's server reads."""
        return next(c["value"] for c in self.context.cookies(self.site.url) if c["name"] == "__session")

    def see(self, name: str) -> None:
        """Keep a picture in the folder that SCREENSHOTS names, if it names one."""
        if folder := os.environ.get("SCREENSHOTS"):
            self.page.screenshot(path=Path(folder) / f"{name}.png")


NewVisitor = Callable[..., Visitor]
