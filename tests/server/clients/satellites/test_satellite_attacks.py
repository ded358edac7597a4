"""Attacks on the redirects between a primary domain and its satellites."""

from __future__ import annotations

import asyncio

import pytest

from greffier.server.clients.satellites.sync import STATE_COOKIE
from greffier.server.instances.administration import read_instance_document
from greffier.server.provisioning import create_from_document
from tests.server.clients.satellites.browsers import (
    PAGE,
    PRIMARY,
    SATELLITE,
    SATELLITES,
    Walker,
    declare,
    query_of,
)
from tests.support.answers import error_of
from tests.support.server import TestServer

SECOND = "https://clerk.second.example"
FOREIGN = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "https:evil.example",
    "https://app.example.dev@evil.example/",
    "https://evil.example\\@app.example.dev/",
    "https://app.example.dev.evil.example/",
    "https://notexample.dev/",
    "http://app.example.dev/",
    "javascript:alert(1)//app.example.dev",
    "data:text/html,x",
    " https://app.example.dev/",
    "https://<b>.example.dev/",
    "https://app.example.com/",
    "https://app.second.example/",
]
"""Not the satellite's; the last two are the primary domain's and another satellite's."""


@pytest.fixture
async def victim(production: TestServer) -> Walker:
    """A user with an account who is signed in on the primary domain."""
    await declare(production, [*SATELLITES, {"domain": "second.example"}])
    browser = Walker(production)
    await browser.add_user(production)
    await browser.sign_in("ada@example.com")
    return browser


async def hand_over(browser: Walker) -> str:
    """The address of a hand-over that this browser has begun and not taken."""
    asked = await browser.open(f"{SATELLITE}/v1/client/sync", redirect_url=PAGE)
    answered = await browser.open(asked.headers["location"])
    return answered.headers["location"]


async def test_hand_over_is_good_once(victim: Walker) -> None:
    link = await hand_over(victim)

    assert (await victim.open(link)).status_code == 307
    again = await victim.open(link)

    assert error_of(again)[:2] == (403, "sync_nonce_already_consumed")
    assert "set-cookie" not in again.headers


async def test_of_requests_at_once_one_takes_the_hand_over(victim: Walker) -> None:
    link = await hand_over(victim)

    answers = await asyncio.gather(*(victim.open(link) for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [307, 403, 403, 403, 403, 403]


async def test_hand_over_expires_after_a_minute(production: TestServer, victim: Walker) -> None:
    link = await hand_over(victim)
    production.clock.advance(seconds=60)

    response = await victim.open(link)

    assert error_of(response)[:2] == (400, "sync_nonce_invalid")
    assert await victim.client_at(SATELLITE) is None


async def test_hand_over_of_one_satellite_is_nothing_to_another(victim: Walker) -> None:
    token = query_of(await hand_over(victim))["__clerk_token"]
    state = victim.cookie(STATE_COOKIE, "clerk.example.dev") or ""
    victim.http.cookies.set(STATE_COOKIE, state, domain="clerk.second.example", path="/")

    response = await victim.open(f"{SECOND}/v1/client/link", __clerk_token=token)

    assert error_of(response)[:2] == (400, "sync_nonce_invalid")


async def test_hand_over_of_one_instance_is_nothing_to_another(
    production: TestServer, victim: Walker
) -> None:
    document = {
        "environment": "production",
        "domain": "other.example",
        "satellites": [{"domain": "other.dev"}],
    }
    async with production.app.database.transaction() as db:
        await create_from_document(db, read_instance_document(document), production.clock.now_ms())
    await production.app.poll()
    token = query_of(await hand_over(victim))["__clerk_token"]
    state = victim.cookie(STATE_COOKIE, "clerk.example.dev") or ""
    victim.http.cookies.set(STATE_COOKIE, state, domain="clerk.other.dev", path="/")

    link = await victim.open("https://clerk.other.dev/v1/client/link", __clerk_token=token)
    sync = await victim.open(f"{PRIMARY}/v1/client/sync", link_domain="other.dev", redirect_url=PAGE)
    page = await victim.open(f"{SATELLITE}/v1/client/sync", redirect_url="https://app.other.dev/")

    assert error_of(link)[:2] == (400, "sync_nonce_invalid")
    assert sync.status_code == 422
    assert page.status_code == 422


async def test_primary_domain_takes_no_hand_over(victim: Walker) -> None:
    token = query_of(await hand_over(victim))["__clerk_token"]

    response = await victim.open(f"{PRIMARY}/v1/client/link", __clerk_token=token)

    assert error_of(response)[:2] == (403, "operation_not_allowed_on_primary_domain")


@pytest.mark.parametrize("began_too", [False, True])
async def test_link_of_an_attacker_signs_no_browser_in(
    production: TestServer, victim: Walker, began_too: bool
) -> None:
    """Fixation: the link leads into the attacker's account, so another browser must not follow it."""
    attacker, link = victim, await hand_over(victim)
    other = Walker(production)
    if began_too:
        await other.open(f"{SATELLITE}/v1/client/sync", redirect_url=PAGE)

    response = await other.open(link)

    assert error_of(response)[:2] == (403, "sync_nonce_mismatch")
    assert other.cookie("__client", "clerk.example.dev") is None
    assert (await attacker.open(link)).status_code == 307  # and it is still its owner's


async def test_state_cookie_cannot_be_set_by_a_sibling_host(victim: Walker) -> None:
    response = await victim.open(f"{SATELLITE}/v1/client/sync", redirect_url=PAGE)

    (line,) = response.headers.get_list("set-cookie")
    name, *attributes = line.split("; ")
    assert name.startswith("__Host-")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes)
    assert "Domain" not in line


@pytest.mark.parametrize("url", FOREIGN)
async def test_browser_is_not_sent_to_a_page_outside_the_satellite(victim: Walker, url: str) -> None:
    began = await victim.open(f"{SATELLITE}/v1/client/sync", redirect_url=PAGE)
    query = query_of(began.headers["location"])

    answers = [
        await victim.open(f"{SATELLITE}/v1/client/sync", redirect_url=url),
        await victim.open(f"{PRIMARY}/v1/client/sync", **query | {"redirect_url": url}),
        await victim.open(f"{PRIMARY}/v1/client/sync", link_domain="example.dev", redirect_url=url),
        await victim.open(f"{SATELLITE}/v1/client/handshake", redirect_url=url),
        await victim.open(f"{SATELLITE}/v1/client/handshake", redirect_url=url, __clerk_synced="true"),
    ]

    assert [answer.status_code for answer in answers] == [422] * 5
    assert not any("location" in answer.headers for answer in answers)


@pytest.mark.parametrize("fapi", ["clerk.second.example", "https://evil.example", "clerk.example.com"])
async def test_handshake_names_no_other_satellite_than_the_pages(victim: Walker, fapi: str) -> None:
    response = await victim.open(f"{PRIMARY}/v1/client/handshake", redirect_url=PAGE, satellite_fapi=fapi)

    assert response.status_code == 422


@pytest.mark.parametrize("domain", ["evil.example", "example.com", "EXAMPLE.DEV", ".example.dev"])
async def test_unknown_satellite_is_refused(victim: Walker, domain: str) -> None:
    response = await victim.open(f"{PRIMARY}/v1/client/sync", link_domain=domain, redirect_url=PAGE)

    assert error_of(response)[0] == 422


@pytest.mark.parametrize("state", ["", "x", "A" * 64, "0" * 63, "0" * 65])
async def test_malformed_state_makes_no_hand_over(victim: Walker, state: str) -> None:
    response = await victim.open(
        f"{PRIMARY}/v1/client/sync", link_domain="example.dev", redirect_url=PAGE, state=state
    )

    assert response.headers["location"].startswith(f"{SATELLITE}/v1/client/sync?")


async def test_hand_over_is_no_session_and_no_client(production: TestServer, victim: Walker) -> None:
    token = query_of(await hand_over(victim))["__clerk_token"]
    stranger = Walker(production)
    for host in ("clerk.example.com", "clerk.example.dev"):
        stranger.http.cookies.set("__client", token, domain=host, path="/")

    assert await stranger.client_at(PRIMARY) is None
    assert await stranger.client_at(SATELLITE) is None
    bearer = await production.backend(secret_key=token).http.get("/v1/users")
    assert bearer.status_code == 401


async def test_cookie_of_one_domain_is_unknown_on_the_other_and_revokes_nothing(
    production: TestServer, victim: Walker
) -> None:
    await victim.synchronize()
    primary = victim.cookie("__client", "clerk.example.com") or ""
    satellite = victim.cookie("__client", "clerk.example.dev") or ""
    thief = Walker(production)
    for host, cookie in (
        ("clerk.example.com", satellite),
        ("clerk.example.dev", primary),
        ("clerk.second.example", satellite),
    ):
        thief.http.cookies.set("__client", cookie, domain=host, path="/")

    for host in (PRIMARY, SATELLITE, SECOND):
        assert await thief.client_at(host) is None
    assert await victim.sessions_at(PRIMARY)
    assert await victim.sessions_at(SATELLITE)


async def test_secret_of_a_satellite_from_before_a_sign_in_is_worth_nothing_after_it(
    production: TestServer, victim: Walker
) -> None:
    """Fixation: an attacker who prepared the client must not be signed in with its next user."""
    await victim.synchronize()
    before = victim.cookie("__client", "clerk.example.dev") or ""
    await victim.delete("/v1/client/sessions")
    await victim.sign_in("ada@example.com")
    attacker = Walker(production)
    attacker.http.cookies.set("__client", before, domain="clerk.example.dev", path="/")

    assert await attacker.client_at(SATELLITE) is None
    assert await victim.sessions_at(PRIMARY)  # and it is no theft


async def test_hand_over_from_before_a_sign_in_does_not_lead_into_what_came_after(
    production: TestServer, victim: Walker
) -> None:
    link = await hand_over(victim)
    production.clock.advance(seconds=1)
    await victim.delete("/v1/client/sessions")
    await victim.sign_in("ada@example.com")

    response = await victim.open(link)

    assert error_of(response)[:2] == (400, "sync_nonce_invalid")
    assert await victim.client_at(SATELLITE) is None


async def test_stolen_cookie_of_the_primary_domain_ends_what_satellites_know_too(
    production: TestServer, victim: Walker
) -> None:
    stolen = victim.cookie("__client", "clerk.example.com") or ""
    await victim.delete("/v1/client/sessions")
    await victim.sign_in("ada@example.com")
    await victim.synchronize()
    production.clock.advance(seconds=31)
    thief = Walker(production)
    thief.http.cookies.set("__client", stolen, domain="clerk.example.com", path="/")

    assert await thief.client_at(PRIMARY) is None

    assert await victim.client_at(SATELLITE) is None


async def test_secret_that_a_later_synchronization_replaced_stops_working(
    production: TestServer, victim: Walker
) -> None:
    await victim.synchronize()
    former = victim.cookie("__client", "clerk.example.dev") or ""
    production.clock.advance(seconds=31)
    await victim.synchronize()
    thief = Walker(production)
    thief.http.cookies.set("__client", former, domain="clerk.example.dev", path="/")

    assert await thief.client_at(SATELLITE) is None
    assert await victim.sessions_at(SATELLITE)


async def test_satellite_that_was_removed_is_a_stranger(production: TestServer, victim: Walker) -> None:
    link = await hand_over(victim)
    await declare(production, [])

    taken = await victim.http.get(link)
    sync = await victim.open(f"{PRIMARY}/v1/client/sync", link_domain="example.dev", redirect_url=PAGE)
    call = await victim.http.get(f"{PRIMARY}/v1/client", headers={"origin": "https://app.example.dev"})

    assert [taken.status_code, sync.status_code, call.status_code] == [404, 422, 403]


async def test_page_of_another_site_in_a_frame_or_picture_changes_nothing(victim: Walker) -> None:
    """Only cookies that the browser attaches name its client: without them no session is handed over."""
    asked = await victim.open(f"{SATELLITE}/v1/client/sync", redirect_url=PAGE)
    request = victim.http.build_request("GET", asked.headers["location"])
    for name in ("origin", "cookie"):
        del request.headers[name]
    answered = await victim.http.send(request)

    linked = await victim.open(answered.headers["location"])

    assert linked.status_code == 307
    assert await victim.client_at(SATELLITE) is None
    assert await victim.sessions_at(PRIMARY)
