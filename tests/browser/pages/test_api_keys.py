"""API keys on the profile page of the unmodified browser components."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.sites import example_site
from tests.browser.visitor import Site, Visitor, new_address

pytestmark = pytest.mark.browser

SETTINGS = """
[api_keys]
enabled = true
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example, on an instance whose users have API keys."""
    with example_site(tmp_path_factory.mktemp("keys"), SETTINGS) as site:
        yield site


def verified(site: Site, secret: str) -> httpx.Response:
    """Returns a key as the Backend API shows it."""
    credentials = {"authorization": f"Bearer {site.secret_key}"}
    return httpx.post(f"{site.greffier}/v1/api_keys/verify", json={"secret": secret}, headers=credentials)


def test_a_person_makes_a_key_and_revokes_it(visitor: Visitor, site: Site) -> None:
    page = visitor.page
    visitor.sign_up(new_address())
    visitor.go("/profile")
    page.get_by_role("button", name="API keys").click()
    page.get_by_role("button", name="Add new key").click()
    page.get_by_label("Secret key name").fill("laptop")
    visitor.see("new-api-key")
    with page.expect_response(lambda answer: answer.request.method == "POST") as made:
        page.get_by_role("button", name="Create key").click()

    assert made.value.status == 201
    secret = made.value.json()["secret"]
    visitor.see("api-key-made")
    assert verified(site, secret).json()["subject"] == page.evaluate("Clerk.user.id")
    page.get_by_role("button", name="Copy & Close").click()
    expect(page.get_by_role("cell", name="laptop")).to_be_visible()
    visitor.see("api-keys")

    page.get_by_role("button", name="Open menu").last.click()
    page.get_by_role("menuitem", name="Revoke key").click()
    page.get_by_label('Type "Revoke" to confirm').fill("Revoke")
    with page.expect_response("**/revoke?*"):
        page.get_by_role("button", name="Revoke key").click()
    expect(page.get_by_role("cell", name="laptop")).to_be_hidden()
    assert verified(site, secret).status_code == 404

    # Alone of all requests these send JSON and a token, so that browsers ask whether they may.
    assert {urlsplit(url).path.strip("/").split("/")[0] for url in visitor.preflights} == {"api_keys"}
    visitor.preflights.clear()
