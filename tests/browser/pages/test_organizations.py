"""Organizations by the unmodified browser components: one is made, its members are managed, it is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.sites import example_site
from tests.browser.visitor import NewVisitor, Site, Visitor, new_address

pytestmark = pytest.mark.browser

SETTINGS = """
[organizations]
enabled = true
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example, on an instance that has organizations."""
    with example_site(tmp_path_factory.mktemp("organizations"), SETTINGS) as site:
        yield site


def backend(site: Site, method: str, path: str, **body: Any) -> Any:
    credentials = {"authorization": f"Bearer {site.secret_key}"}
    answer = httpx.request(method, f"{site.greffier}{path}", json=body or None, headers=credentials)
    return answer.raise_for_status().json()


def make_organization(visitor: Visitor, name: str) -> str:
    """By the dialog; its id."""
    page = visitor.page
    page.evaluate("Clerk.openCreateOrganization({ skipInvitationScreen: true })")
    page.get_by_label("Name", exact=True).fill(name)
    visitor.see("create-organization")
    with page.expect_navigation():  # the creator of an organization is sent to the application's home
        page.get_by_role("button", name="Create organization").click()
    page.wait_for_function("name => window.Clerk?.organization?.name === name", arg=name)
    return page.evaluate("Clerk.organization.id")


def test_a_person_makes_an_organization_and_manages_its_members(new_visitor: NewVisitor, site: Site) -> None:
    ada, bob = new_visitor(), new_visitor()
    ada.sign_up(new_address())
    bobs_address = new_address()
    bob.sign_up(bobs_address)
    bobs_id = bob.page.evaluate("Clerk.user.id")

    organization_id = make_organization(ada, "Acme Rockets")
    members = f"/v1/organizations/{organization_id}/memberships"
    backend(site, "POST", members, user_id=bobs_id, role="org:member")
    page = ada.page
    page.evaluate("Clerk.openOrganizationProfile()")
    expect(page.get_by_text("Acme Rockets").first).to_be_visible()
    ada.see("organization-profile")
    page.get_by_role("button", name="Members").click()
    row = page.get_by_role("row").filter(has_text=bobs_address)
    row.get_by_role("button", name="Member", exact=True).click()
    with page.expect_response(f"**{members}/{bobs_id}?*") as changed:
        page.get_by_role("option", name="Admin").click()
    expect(row.get_by_role("button", name="Admin", exact=True)).to_be_visible()
    ada.see("organization-members")
    assert changed.value.json()["response"]["role"] == "org:admin"

    page.get_by_label("Open menu").first.click()  # of the newest member
    page.get_by_role("menuitem", name="Remove member").click()
    expect(row).to_be_hidden()
    assert backend(site, "GET", members)["total_count"] == 1


def test_a_person_is_invited_and_joins(new_visitor: NewVisitor, site: Site) -> None:
    ada, bob = new_visitor(), new_visitor()
    ada.sign_up(new_address())
    bobs_address = new_address()
    bob.sign_up(bobs_address)

    organization_id = make_organization(ada, "Beta Boats")
    page = ada.page
    page.evaluate("Clerk.openOrganizationProfile()")
    page.get_by_role("button", name="Members").click()
    page.get_by_role("button", name="Invite").click()
    page.get_by_test_id("tag-input").fill(bobs_address)
    page.get_by_test_id("tag-input").press("Enter")
    with page.expect_response("**/invitations/bulk?*") as sent:
        page.get_by_role("button", name="Send invitations").click()
    assert sent.value.status == 200, sent.value.text()
    page.get_by_role("tab", name="Invitations").click()
    expect(page.get_by_text(bobs_address)).to_be_visible()
    ada.see("organization-invitations")

    bob.page.reload()
    bob.page.wait_for_function("Clerk.loaded")
    bob.page.evaluate(
        "Clerk.mountOrganizationSwitcher(document.body.appendChild(document.createElement('div')))"
    )
    bob.page.get_by_role("button", name="Open organization switcher").click()
    expect(bob.page.get_by_text("Beta Boats")).to_be_visible()
    bob.see("organization-switcher")
    with bob.page.expect_response("**/accept?*") as accepted:
        bob.page.get_by_role("button", name="Join").click()
    assert accepted.value.status == 200, accepted.value.text()
    listed = backend(site, "GET", f"/v1/organizations/{organization_id}/memberships")
    assert listed["total_count"] == 2


def test_a_person_switches_between_their_organizations(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_up(new_address())
    first = make_organization(visitor, "First Foundry")
    second = make_organization(visitor, "Second Studio")

    page.evaluate("Clerk.mountOrganizationList(document.body.appendChild(document.createElement('div')))")
    page.get_by_role("button", name="First Foundry").click()
    page.wait_for_function("id => Clerk.organization?.id === id", arg=first)
    visitor.see("organization-list")

    assert page.evaluate("Clerk.session.lastActiveOrganizationId") == first
    assert {
        one["id"] for one in page.evaluate("Clerk.user.organizationMemberships.map(m => m.organization)")
    } == {
        first,
        second,
    }


def test_a_person_makes_and_sees_an_organization_on_the_hosted_pages(visitor: Visitor, site: Site) -> None:
    visitor.sign_up(new_address())
    page = visitor.page
    page.goto(f"{site.greffier}/create-organization")
    page.get_by_label("Name", exact=True).fill("Hosted Hydraulics")
    visitor.see("hosted-create-organization")
    page.get_by_role("button", name="Create organization").click()
    page.get_by_role("button", name="Skip").click()
    page.wait_for_url(lambda url: "/create-organization" not in url)

    page.goto(f"{site.greffier}/organization")

    expect(page.get_by_text("Hosted Hydraulics").first).to_be_visible()
    visitor.see("hosted-organization")
