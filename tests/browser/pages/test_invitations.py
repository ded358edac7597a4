"""Invited people sign up on the unmodified browser components, where sign-ups are restricted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.email_links import link_for
from tests.browser.sites import example_site
from tests.browser.visitor import PASSWORD, Site, Visitor, new_address

pytestmark = pytest.mark.browser

SETTINGS = """
[sign_up]
mode = "restricted"
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example, on an instance where people sign up by invitation."""
    with example_site(tmp_path_factory.mktemp("invitations"), SETTINGS) as site:
        yield site


def ask(site: Site, method: str, path: str, **options: Any) -> Any:
    """The Backend API."""
    credentials = {"authorization": f"Bearer {site.secret_key}"}
    answer = httpx.request(method, f"{site.greffier}{path}", headers=credentials, **options)
    return answer.raise_for_status().json()


def invite(site: Site, address: str, **fields: Any) -> dict[str, Any]:
    return ask(site, "POST", "/v1/invitations", json={"email_address": address} | fields)


def choose_password(visitor: Visitor) -> None:
    """All that is asked for: the address is known, and proven."""
    expect(visitor.page.get_by_role("heading", name="Fill in missing fields")).to_be_visible()
    expect(visitor.page.get_by_label("Email address")).to_be_hidden()
    password = visitor.page.get_by_label("Password", exact=True)
    password.fill(PASSWORD)
    visitor.see("invited")
    password.press("Enter")


def test_an_invited_person_opens_the_link_of_the_mail_and_chooses_a_password(
    visitor: Visitor, site: Site
) -> None:
    page, address = visitor.page, new_address()
    invited = invite(site, address, redirect_url=f"{site.url}/sign-up", public_metadata={"team": "blue"})
    visitor.go("/sign-up")
    expect(page.get_by_text("Access restricted")).to_be_visible()

    page.goto(link_for(visitor, address))
    choose_password(visitor)

    visitor.expect_dashboard()
    visitor.see("invited-signed-up")
    assert page.evaluate("Clerk.user.publicMetadata") == {"team": "blue"}
    assert page.evaluate("Clerk.user.primaryEmailAddress.emailAddress") == address
    assert page.evaluate("Clerk.user.primaryEmailAddress.verification.status") == "verified"
    [shown] = ask(site, "GET", "/v1/invitations", params={"query": invited["id"]})
    assert shown["status"] == "accepted"


def test_an_invited_person_signs_up_on_the_hosted_page(visitor: Visitor, site: Site) -> None:
    address = new_address()
    invite(site, address)

    visitor.page.goto(link_for(visitor, address))
    choose_password(visitor)
    visitor.page.wait_for_url(lambda url: "/sign-up" not in url)  # on to the application, signed in

    visitor.page.goto(f"{site.greffier}/user")
    expect(visitor.page.get_by_text(address).first).to_be_visible()


def test_an_invited_person_who_has_an_account_by_now_signs_in(visitor: Visitor, site: Site) -> None:
    page, address = visitor.page, new_address()
    invite(site, address, redirect_url=f"{site.url}/sign-in")
    ask(site, "POST", "/v1/users", json={"email_address": [address], "password": PASSWORD})

    page.goto(link_for(visitor, address))
    expect(page.get_by_text(address)).to_be_visible()
    visitor.see("invited-with-an-account")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue", exact=True).click()

    visitor.expect_dashboard()


def test_a_sign_in_page_sends_an_invited_person_on_to_sign_up(visitor: Visitor, site: Site) -> None:
    address = new_address()
    invite(site, address, redirect_url=f"{site.url}/sign-in")

    visitor.page.goto(link_for(visitor, address))
    expect(visitor.page).to_have_url(re.compile("/sign-up"))
    choose_password(visitor)

    visitor.expect_dashboard()


def test_a_revoked_invitation_is_told_on_the_page(visitor: Visitor, site: Site) -> None:
    visitor.tolerated = ("400 (Bad Request)",)
    invited = invite(site, new_address(), redirect_url=f"{site.url}/sign-up")
    link = httpx.get(invited["url"]).headers["location"]
    ask(site, "POST", f"/v1/invitations/{invited['id']}/revoke")

    visitor.page.goto(link)

    expect(visitor.page.get_by_text("This link is no longer valid").first).to_be_visible()
    visitor.see("invitation-revoked")
