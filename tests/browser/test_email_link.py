"""Signing in by a link in a mail, in a real browser with the unmodified browser components."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from scripts.run_example import environment_of, example_app, greffier_server, port_or_free
from tests.browser.visitor import Site, Visitor, new_address
from tests.support.processes import GREFFIER

pytestmark = pytest.mark.browser

SETTINGS = """
[attributes.email_address]
first_factors = ["email_link"]
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example, on an instance where a link signs people in."""
    data, settings = tmp_path_factory.mktemp("links"), tmp_path_factory.mktemp("settings") / "links.toml"
    settings.write_text(SETTINGS)
    with ExitStack() as stack:
        _, facts = stack.enter_context(greffier_server(data, 0))
        _apply(data, settings)
        _, url = stack.enter_context(example_app(port_or_free(0), environment_of(facts)))
        yield Site(url, facts["frontend_api_url"])


def _apply(data: Path, settings: Path) -> None:
    command = [*GREFFIER, "config", "apply", "--data", str(data), "--file", str(settings)]
    subprocess.run(command, check=True)


def link_for(visitor: Visitor, address: str) -> str:
    """The link in the newest mail to an address."""
    inbox = f"{visitor.site.greffier}/inbox?to={quote(address)}"
    newest = visitor.context.request.get(inbox).json()[0]
    return newest["links"][0]


def test_a_person_signs_in_by_the_link_from_the_inbox(visitor: Visitor):
    page, address = visitor.page, new_address()
    visitor.sign_up(address)
    user = page.evaluate("Clerk.user.id")
    visitor.sign_out()
    visitor.go("/sign-in")
    page.get_by_label("Email address").fill(address)
    page.get_by_role("button", name="Continue", exact=True).click()
    page.get_by_role("link", name="Use another method").click()
    page.get_by_role("button", name=f"Email link to {address}").click()
    expect(page.get_by_text("Use the verification link sent to your email")).to_be_visible()
    visitor.see("email-link")

    opened = visitor.open_page()
    opened.goto(link_for(visitor, address))

    # The new page is signed in and goes on; the one that asked says so.
    expect(opened).to_have_url(f"{visitor.site.url}/dashboard", timeout=15_000)
    expect(page.get_by_text("Return to the newly opened tab to continue")).to_be_visible()
    visitor.see("email-link-opened")
    assert opened.evaluate("Clerk.user.id") == user
