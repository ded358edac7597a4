"""Satellite domains: who signs in on the primary domain is signed in there too."""

from __future__ import annotations

import asyncio

import pytest

from tests.server.clients.satellites.browsers import (
    PAGE,
    PRIMARY,
    PROXY,
    SATELLITE,
    Walker,
    declare,
    query_of,
)
from tests.support.answers import claims_of, error_of
from tests.support.server import LIVE_SECRET_KEY, TestServer

SYNCED = "https://app.example.dev/orders?page=2&__clerk_synced=true"


@pytest.fixture
async def walker(production: TestServer) -> Walker:
    """A user with an account who is signed out."""
    await declare(production)
    browser = Walker(production)
    await browser.add_user(production)
    return browser


async def test_signed_in_visitor_is_signed_in_on_the_satellite_after_two_redirects(walker: Walker) -> None:
    client = await walker.sign_in("ada@example.com")

    to_primary, to_satellite, to_page = await walker.synchronize()

    assert to_primary.startswith(f"{PRIMARY}/v1/client/sync?link_domain=example.dev&redirect_url=")
    assert to_satellite.startswith(f"{SATELLITE}/v1/client/link?__clerk_token=")
    assert to_page == SYNCED
    assert await walker.sessions_at(SATELLITE) == [client["last_active_session_id"]]
    assert (await walker.client_at(SATELLITE) or {})["id"] == client["id"]


async def test_satellite_gets_cookies_of_its_own_domain(walker: Walker) -> None:
    await walker.sign_in("ada@example.com")
    await walker.synchronize()

    assert int(walker.cookie("__client_uat", ".example.dev") or 0) > 0
    assert walker.cookie("__client", "clerk.example.dev") not in (
        None,
        walker.cookie("__client", "clerk.example.com"),
    )


async def test_link_sets_a_client_cookie_that_scripts_cannot_read(walker: Walker) -> None:
    await walker.sign_in("ada@example.com")
    first = await walker.open(f"{SATELLITE}/v1/client/sync", redirect_url=PAGE)
    second = await walker.open(first.headers["location"])

    third = await walker.open(second.headers["location"])

    (line,) = [c for c in third.headers.get_list("set-cookie") if c.startswith("__client=")]
    assert "HttpOnly" in line
    assert "Secure" in line
    assert "Domain" not in line
    assert third.headers["referrer-policy"] == "no-referrer"
    assert third.headers["cache-control"] == "no-store"


async def test_signed_out_visitor_comes_back_synchronized_and_signed_out(walker: Walker) -> None:
    assert (await walker.synchronize())[-1] == SYNCED

    assert walker.cookie("__client_uat", ".example.dev") == "0"
    assert walker.cookie("__client", "clerk.example.dev") is None
    assert await walker.client_at(SATELLITE) is None


async def test_page_that_asked_for_synchronization_is_told_that_it_happened(walker: Walker) -> None:
    assert (await walker.synchronize(PAGE + "&__clerk_synced=false"))[-1] == SYNCED


async def test_synchronization_that_begins_on_the_primary_domain_goes_by_the_satellite(
    walker: Walker,
) -> None:
    await walker.sign_in("ada@example.com")

    seen = await walker.walk(f"{PRIMARY}/v1/client/sync", link_domain="example.dev", redirect_url=PAGE)

    assert seen[0].startswith(f"{SATELLITE}/v1/client/sync?")
    assert seen[-1] == SYNCED
    assert await walker.sessions_at(SATELLITE)


async def test_handshake_of_a_satellite_synchronizes_and_delivers_there(
    production: TestServer, walker: Walker
) -> None:
    client = await walker.sign_in("ada@example.com")

    seen = await walker.walk(
        f"{SATELLITE}/v1/client/handshake",
        redirect_url=PAGE,
        format="nonce",
        __clerk_hs_reason="satellite-needs-syncing",
    )

    nonce = walker.cookie("__clerk_handshake_nonce", ".example.dev")
    payload = await production.backend(secret_key=LIVE_SECRET_KEY).http.get(
        "/v1/clients/handshake_payload", params={"nonce": nonce}
    )
    directives = payload.json()["directives"]
    session = claims_of(directives[-1].partition("=")[2].partition(";")[0])
    assert seen[-1] == SYNCED
    assert session["sid"] == client["last_active_session_id"]
    assert (session["iss"], session["azp"]) == (PRIMARY, "https://app.example.dev")
    uat = [line for line in directives if line.startswith("__client_uat")]
    assert len(uat) == 2
    assert all("Domain=example.dev" in line for line in uat)


async def test_handshake_of_a_signed_out_visitor_ends_signed_out_and_synchronized(walker: Walker) -> None:
    seen = await walker.walk(f"{SATELLITE}/v1/client/handshake", redirect_url=PAGE)

    token = walker.cookie("__clerk_handshake", ".example.dev")
    assert seen[-1] == SYNCED
    assert any(line.startswith("__client_uat=0;") for line in claims_of(token or "")["handshake"])


async def test_handshake_of_a_satellite_that_knows_the_session_needs_no_detour(walker: Walker) -> None:
    await walker.sign_in("ada@example.com")
    await walker.synchronize()

    seen = await walker.walk(f"{SATELLITE}/v1/client/handshake", redirect_url=PAGE)

    assert seen == [PAGE]
    assert walker.cookie("__clerk_handshake", ".example.dev")


async def test_handshake_never_carries_a_session_token_to_another_domain(walker: Walker) -> None:
    response = await walker.open(
        f"{SATELLITE}/v1/client/handshake", redirect_url=PAGE, __session="eyJ.secret.x"
    )

    assert response.headers["location"].startswith(f"{PRIMARY}/v1/client/sync?")
    assert "secret" not in response.headers["location"]


async def test_handshake_for_a_page_of_a_satellite_is_sent_there(walker: Walker) -> None:
    await walker.sign_in("ada@example.com")

    seen = await walker.walk(
        f"{PRIMARY}/v1/client/handshake", redirect_url=PAGE, satellite_fapi="clerk.example.dev"
    )

    assert seen[0].startswith(f"{SATELLITE}/v1/client/handshake?")
    assert seen[-1] == SYNCED


async def test_sign_out_on_the_satellite_signs_out_on_both(walker: Walker) -> None:
    await walker.sign_in("ada@example.com")
    await walker.synchronize()

    response = await walker.http.post(f"{SATELLITE}/v1/client/sessions", params={"_method": "DELETE"})

    assert response.status_code == 200
    assert walker.cookie("__client_uat", ".example.dev") == "0"
    assert await walker.sessions_at(SATELLITE) == []
    assert await walker.sessions_at(PRIMARY) == []


async def test_sign_out_on_the_primary_domain_signs_out_on_both(walker: Walker) -> None:
    await walker.sign_in("ada@example.com")
    await walker.synchronize()

    await walker.delete("/v1/client/sessions")

    assert await walker.sessions_at(SATELLITE) == []
    assert await walker.sessions_at(PRIMARY) == []


async def test_satellite_learns_of_a_sign_in_after_a_sign_out(walker: Walker) -> None:
    await walker.sign_in("ada@example.com")
    await walker.synchronize()
    await walker.delete("/v1/client")
    again = await walker.sign_in("ada@example.com")

    await walker.walk(f"{SATELLITE}/v1/client/handshake", redirect_url=PAGE)

    assert await walker.sessions_at(SATELLITE) == [again["last_active_session_id"]]


async def test_two_domains_of_one_client_never_take_each_other_for_thieves(
    production: TestServer, walker: Walker
) -> None:
    client = await walker.sign_in("ada@example.com")
    await walker.synchronize()
    for _ in range(3):
        production.clock.advance(seconds=31)  # longer than a former secret can be read
        await walker.synchronize()
        assert await walker.sessions_at(SATELLITE) == [client["last_active_session_id"]]
        assert await walker.sessions_at(PRIMARY) == [client["last_active_session_id"]]


async def test_tabs_that_synchronize_at_once_all_arrive(walker: Walker) -> None:
    client = await walker.sign_in("ada@example.com")
    await walker.open(f"{SATELLITE}/v1/client/sync", redirect_url=PAGE)

    async def one_tab() -> tuple[str, str]:
        asked = await walker.open(f"{SATELLITE}/v1/client/sync", redirect_url=PAGE)
        answered = await walker.open(asked.headers["location"])
        linked = await walker.open(answered.headers["location"])
        cookie = next(c for c in linked.headers.get_list("set-cookie") if c.startswith("__client="))
        return linked.headers["location"], cookie.partition(";")[0]

    tabs = await asyncio.gather(*(one_tab() for _ in range(4)))

    assert {location for location, _ in tabs} == {SYNCED}
    for _, cookie in tabs:  # whichever answer the browser read last
        walker.http.cookies.set("__client", cookie.partition("=")[2], domain="clerk.example.dev", path="/")
        assert await walker.sessions_at(SATELLITE) == [client["last_active_session_id"]]


async def test_satellite_mints_session_tokens_for_its_own_pages(walker: Walker) -> None:
    client = await walker.sign_in("ada@example.com")
    await walker.synchronize()

    response = await walker.http.post(
        f"{SATELLITE}/v1/client/sessions/{client['last_active_session_id']}/tokens",
        headers={"origin": "https://app.example.dev"},
    )

    claims = claims_of(response.json()["jwt"])
    assert (claims["iss"], claims["azp"]) == (PRIMARY, "https://app.example.dev")
    assert response.headers["access-control-allow-origin"] == "https://app.example.dev"


async def test_people_sign_in_on_the_primary_domain_only(walker: Walker) -> None:
    for path in ("sign_ins", "sign_ups"):
        response = await walker.http.post(
            f"{SATELLITE}/v1/client/{path}", data={"identifier": "ada@example.com"}
        )

        assert error_of(response)[:2] == (403, "operation_not_allowed_on_satellite_domain")


async def test_links_and_pages_lead_to_the_primary_domain(walker: Walker) -> None:
    display = (await walker.http.get(f"{SATELLITE}/v1/environment")).json()["display_config"]

    assert display["sign_in_url"] == f"{PRIMARY}/sign-in"


async def test_satellite_behind_a_proxy_of_its_application(production: TestServer, walker: Walker) -> None:
    client = await walker.sign_in("ada@example.com")
    through = {
        "clerk-proxy-url": PROXY,
        "clerk-secret-key": LIVE_SECRET_KEY,
        "x-forwarded-for": "192.0.2.7",
    }
    jar = Walker(production)  # the application's own host, as the proxy forwards it
    jar.http.headers.update(through)
    asked = await jar.open(f"{PRIMARY}/v1/client/sync", redirect_url="https://shop.example/cart")
    answered = await walker.open(asked.headers["location"])
    assert answered.headers["location"].startswith(f"{PROXY}/v1/client/link?")

    linked = await jar.open(
        f"{PRIMARY}/v1/client/link", __clerk_token=query_of(answered.headers["location"])["__clerk_token"]
    )

    assert linked.headers["location"] == "https://shop.example/cart?__clerk_synced=true"
    assert await jar.sessions_at(PRIMARY) == [client["last_active_session_id"]]
    assert any("Domain=shop.example" in line for line in linked.headers.get_list("set-cookie"))


async def test_backend_verifies_a_satellites_cookie(production: TestServer, walker: Walker) -> None:
    client = await walker.sign_in("ada@example.com")
    await walker.synchronize()

    found = await production.backend(secret_key=LIVE_SECRET_KEY).post(
        "/v1/clients/verify", token=walker.cookie("__client", "clerk.example.dev")
    )

    assert found.json()["id"] == client["id"]


async def test_development_is_synchronized_by_the_browser_sdk(server: TestServer) -> None:
    response = await server.browser(origin=None).get("/v1/client/sync", redirect_url="http://localhost:3000")

    assert error_of(response)[:2] == (400, "sync_not_allowed_in_development")


async def test_satellite_of_a_development_instance_may_call_but_not_sign_in(server: TestServer) -> None:
    await declare(server, [{"domain": "satellite.test"}])
    browser = server.browser(origin="http://satellite.test:3001")

    allowed = await browser.call("GET", "/v1/client", query={"__domain": "satellite.test"})
    refused = await browser.call("POST", "/v1/client/sign_ins", {}, query={"__domain": "satellite.test"})

    assert allowed.status_code == 200
    assert error_of(refused)[:2] == (403, "operation_not_allowed_on_satellite_domain")


async def test_handshake_of_a_development_satellite_delivers_by_query(server: TestServer) -> None:
    await declare(server, [{"domain": "satellite.test"}])
    page = "http://satellite.test:3001/?__clerk_synced=true"

    response = await server.browser(origin=None).get("/v1/client/handshake", redirect_url=page)

    assert response.headers["location"].startswith(f"{page}&__clerk_handshake=")
