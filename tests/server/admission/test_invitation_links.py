"""The link of an invitation: where it leads whom."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from tests.server.admission.inviting import ADA, invite, open_link, sign_up_with, status_of, ticket_of
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import PASSWORD, Backend, TestServer

DAY = 24 * 3600
EVE = "eve+clerk_test@example.com"


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


def arrival(location: str) -> tuple[str, dict[str, str]]:
    url, _, query = location.partition("?")
    return url, {name: value[0] for name, value in parse_qs(query).items()}


async def test_link_leads_to_the_sign_up_page_with_the_ticket(server: TestServer, backend: Backend) -> None:
    invited = await invite(backend)

    opened = await open_link(server.browser(origin=None), invited)

    assert opened.status_code == 303
    assert arrival(opened.headers["location"]) == (
        "http://localhost:8787/sign-up",
        {"__clerk_ticket": ticket_of(invited), "__clerk_status": "sign_up"},
    )
    assert opened.headers["referrer-policy"] == "no-referrer"
    assert await status_of(backend, invited) == "pending"


async def test_link_leads_where_the_inviter_wants_it(server: TestServer, backend: Backend) -> None:
    wanted = "http://localhost:3000/welcome?team=blue&__clerk_ticket=old"
    invited = await invite(backend, redirect_url=wanted)

    opened = await open_link(server.browser(origin=None), invited)

    assert arrival(opened.headers["location"]) == (
        "http://localhost:3000/welcome",
        {"team": "blue", "__clerk_ticket": ticket_of(invited), "__clerk_status": "sign_up"},
    )


async def test_link_leads_to_the_very_address_that_the_inviter_wants(
    server: TestServer, backend: Backend
) -> None:
    invited = await invite(backend, redirect_url="http://localhost:3000/日本/%E9?flag&q=%E9&q=&z=ü")

    opened = await open_link(server.browser(origin=None), invited)

    url, _, query = opened.headers["location"].partition("?")
    assert url == "http://localhost:3000/%E6%97%A5%E6%9C%AC/%E9"
    assert query.startswith("flag&q=%E9&q=&z=%C3%BC&__clerk_ticket=")


async def test_link_does_not_lead_to_an_origin_that_is_no_longer_allowed(
    server: TestServer, backend: Backend
) -> None:
    await configure(server, {"allowed_origins": ["https://app.example"]})
    invited = await invite(backend, redirect_url="https://app.example/welcome")
    await configure(server, {"allowed_origins": []})

    opened = await open_link(server.browser(origin=None), invited)

    assert arrival(opened.headers["location"])[0] == "http://localhost:8787/sign-up"


async def test_link_leads_who_has_an_account_by_now_to_the_sign_in_page(
    server: TestServer, backend: Backend
) -> None:
    invited = await invite(backend)
    await backend.add_user(ADA)

    opened = await open_link(server.browser(origin=None), invited)

    assert arrival(opened.headers["location"]) == (
        "http://localhost:8787/sign-in",
        {"__clerk_ticket": ticket_of(invited), "__clerk_status": "sign_in"},
    )


async def test_used_link_leads_to_the_sign_in_page_without_a_ticket(
    server: TestServer, backend: Backend
) -> None:
    invited = await invite(backend)
    signed_up = await sign_up_with(server.browser(), invited, password=PASSWORD)

    opened = await open_link(server.browser(origin=None), invited)
    await backend.delete(f"/v1/users/{signed_up.json()['response']['created_user_id']}")
    account_gone = await open_link(server.browser(origin=None), invited)

    assert arrival(opened.headers["location"]) == (
        "http://localhost:8787/sign-in",
        {"__clerk_status": "complete"},
    )
    assert error_of(account_gone)[:2] == (400, "ticket_invalid_code")
