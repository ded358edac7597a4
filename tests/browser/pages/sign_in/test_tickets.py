"""Links with a ticket sign in another user: who is signed in already is asked before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.sites import example_site
from tests.browser.visitor import Site, Visitor, new_address

pytestmark = pytest.mark.browser

SEVERAL_SESSIONS = "session.single_session = false"


@pytest.fixture(scope="module", params=["", SEVERAL_SESSIONS], ids=["one-session", "several-sessions"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with example_site(tmp_path_factory.mktemp("tickets"), request.param) as site:
        yield site


def ask(site: Site, path: str, **body: Any) -> Any:
    """The Backend API."""
    credentials = {"authorization": f"Bearer {site.secret_key}"}
    return httpx.post(f"{site.greffier}{path}", headers=credentials, json=body).raise_for_status().json()


def ticket(site: Site, address: str, kind: str) -> str:
    """The link of a ticket for a new user."""
    user = ask(site, "/v1/users", email_address=[address], skip_password_requirement=True)
    actor = {"actor": {"sub": "user_of_support"}} if kind == "actor_tokens" else {}
    return ask(site, f"/v1/{kind}", user_id=user["id"], **actor)["url"]


def expect_signed_in(visitor: Visitor, address: str) -> None:
    """On the page that people without a way back come to."""
    expect(visitor.page).to_have_url(f"{visitor.site.greffier}/user")
    expect(visitor.page.get_by_text(address).first).to_be_visible()


@pytest.mark.parametrize("kind", ["sign_in_tokens", "actor_tokens"])
def test_link_with_a_ticket_does_not_replace_the_person_who_is_signed_in_unasked(
    visitor: Visitor, site: Site, kind: str
) -> None:
    mine, other = new_address(), new_address()
    visitor.sign_up(mine)

    visitor.page.goto(ticket(site, other, kind))

    expect(visitor.page.get_by_role("heading", name=f"Continue as {other}?")).to_be_visible()
    expect(visitor.page.get_by_text(f"You are signed in as {mine}.")).to_be_visible()
    visitor.see(f"ticket-{kind}")
    visitor.page.get_by_role("button", name="Stay signed in").click()
    expect_signed_in(visitor, mine)
    assert visitor.page.evaluate("Clerk.client.sessions.length") == 1


@pytest.mark.parametrize("kind", ["sign_in_tokens", "actor_tokens"])
def test_link_with_a_ticket_signs_in_another_user_who_is_agreed_to(
    visitor: Visitor, site: Site, kind: str
) -> None:
    other = new_address()
    visitor.sign_up(new_address())

    visitor.page.goto(ticket(site, other, kind))
    visitor.page.get_by_role("button", name=f"Continue as {other}").click()

    expect_signed_in(visitor, other)
    assert bool(visitor.page.evaluate("Clerk.session.actor")) is (kind == "actor_tokens")


def test_link_with_a_ticket_asks_nothing_in_a_signed_out_browser(visitor: Visitor, site: Site) -> None:
    other = new_address()

    visitor.page.goto(ticket(site, other, "sign_in_tokens"))

    expect_signed_in(visitor, other)
