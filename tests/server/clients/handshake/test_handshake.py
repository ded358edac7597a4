"""The handshake: the application's cookies, brought up to date by a navigation."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.support.answers import claims_of, error_of
from tests.support.server import Browser, TestServer

APP = "http://localhost:3000/orders?page=2"
LIVE_APP = "https://app.example.com/orders"


async def navigate(browser: Browser, **query: str) -> httpx.Response:
    return await browser.http.get("/v1/client/handshake", params={"redirect_url": APP} | query)


def directives_of(response: httpx.Response) -> list[str]:
    token = parse_qs(urlsplit(response.headers["location"]).query)["__clerk_handshake"][0]
    return claims_of(token)["handshake"]


def names(directives: list[str]) -> list[str]:
    return [line.partition("=")[0] for line in directives]


def value(directives: list[str], name: str) -> str:
    line = next(d for d in directives if d.startswith(f"{name}="))
    return line.partition("=")[2].partition(";")[0]


async def test_signed_out_browser_is_told_so(server: TestServer) -> None:
    response = await navigate(server.browser(origin=None))

    directives = directives_of(response)
    assert response.status_code == 307
    assert response.headers["cache-control"] == "no-store"
    assert value(directives, "__client_uat") == "0"
    assert value(directives, "__session") == ""


async def test_redirect_keeps_the_applications_own_query(server: TestServer) -> None:
    response = await navigate(server.browser(origin=None))

    assert response.headers["location"].startswith(f"{APP}&__clerk_handshake=")


async def test_signed_in_browser_gets_the_sessions_cookies(server: TestServer) -> None:
    browser = server.browser()
    client = await browser.sign_up()

    directives = directives_of(await navigate(browser))

    claims = claims_of(value(directives, "__session"))
    assert claims["sid"] == client["last_active_session_id"]
    assert claims["azp"] == "http://localhost:3000"
    assert int(value(directives, "__client_uat")) <= claims["iat"]
    assert names(directives)[-1] == "__session"  # SDKs take the last line that starts so


async def test_every_cookie_has_both_names(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up()

    directives = names(directives_of(await navigate(browser)))

    plain = {"__session", "__client_uat", "__clerk_db_jwt"}
    assert plain <= set(directives)
    assert {
        f"{name}_{server.app.services.ports.instances.by_host('localhost').cookie_suffix}" for name in plain
    } <= set(directives)


async def test_development_cookies_are_readable_by_scripts(server: TestServer) -> None:
    directives = directives_of(await navigate(server.browser(origin=None)))

    dev_browser = [d for d in directives if d.startswith("__clerk_db_jwt")]
    assert len(dev_browser) == 2
    assert not any("HttpOnly" in line for line in dev_browser)


async def test_known_development_browser_keeps_its_token(server: TestServer) -> None:
    browser = server.browser()
    token = (await browser.post("/v1/dev_browser")).json()["token"]

    response = await navigate(browser, __clerk_db_jwt=token)

    assert value(directives_of(response), "__clerk_db_jwt") == token
    assert "__clerk_db_jwt" not in parse_qs(urlsplit(response.headers["location"]).query)


async def test_unknown_development_browser_is_replaced_not_refused(server: TestServer) -> None:
    response = await navigate(server.browser(origin=None), __clerk_db_jwt="dvb_unknown")

    assert response.status_code == 307
    assert value(directives_of(response), "__clerk_db_jwt") != "dvb_unknown"


async def test_nonce_is_redeemed_by_the_backend_and_more_than_once(server: TestServer) -> None:
    browser = server.browser()
    client = await browser.sign_up()
    response = await navigate(browser, format="nonce")
    nonce = parse_qs(urlsplit(response.headers["location"]).query)["__clerk_handshake_nonce"][0]

    for _ in range(2):
        payload = await server.backend().http.get("/v1/clients/handshake_payload", params={"nonce": nonce})
        claims = claims_of(value(payload.json()["directives"], "__session"))
        assert claims["sid"] == client["last_active_session_id"]


async def test_nonce_expires(server: TestServer) -> None:
    response = await navigate(server.browser(origin=None), format="nonce")
    nonce = parse_qs(urlsplit(response.headers["location"]).query)["__clerk_handshake_nonce"][0]
    server.clock.advance(seconds=61)

    payload = await server.backend().http.get("/v1/clients/handshake_payload", params={"nonce": nonce})

    assert payload.status_code == 404


@pytest.mark.parametrize(("sent", "echo"), [("s" * 43, "s" * 43), ("", ""), ("short", ""), ("<" * 43, "")])
async def test_answer_repeats_the_state_of_the_sdk_and_ends(server: TestServer, sent: str, echo: str) -> None:
    browser = server.browser(origin=None)

    by_token = await navigate(browser, __greffier_state=sent)
    by_nonce = await navigate(browser, __greffier_state=sent, format="nonce")

    claims = claims_of(parse_qs(urlsplit(by_token.headers["location"]).query)["__clerk_handshake"][0])
    nonce = parse_qs(urlsplit(by_nonce.headers["location"]).query)["__clerk_handshake_nonce"][0]
    assert (claims["state"], claims["exp"] - claims["iat"]) == (echo, 60)
    assert nonce.partition(".")[2] == echo
    payload = await server.backend().http.get("/v1/clients/handshake_payload", params={"nonce": nonce})
    stolen = {"nonce": nonce.partition(".")[0] + "." + "t" * 43}
    refused = await server.backend().http.get("/v1/clients/handshake_payload", params=stolen)
    assert (payload.status_code, refused.status_code) == (200, 404)


EVIL = [
    "https://evil.example/",
    "//evil.example",
    "https://localhost@evil.example/",
    "javascript:alert(1)",
    "http://localhost:3000\\@evil.example",
    "data:text/html,x",
    "http://localhost.evil.example",
    " http://localhost:3000",
]


@pytest.mark.parametrize("url", EVIL)
async def test_redirect_to_another_origin_is_refused(server: TestServer, url: str) -> None:
    response = await navigate(server.browser(origin=None), redirect_url=url)

    assert error_of(response)[:2] == (422, "redirect_url_not_associated_with_instance")
    assert "location" not in response.headers


async def test_redirect_url_must_be_there(server: TestServer) -> None:
    response = await server.browser(origin=None).http.get("/v1/client/handshake")

    assert response.status_code == 400


async def test_unknown_format_is_refused(server: TestServer) -> None:
    assert (await navigate(server.browser(origin=None), format="xml")).status_code == 422


async def test_production_delivers_by_cookie_on_the_shared_domain(production: TestServer) -> None:
    browser = production.browser(origin=None, base_url="https://clerk.example.com")

    response = await navigate(browser, redirect_url=LIVE_APP)

    cookie = response.headers["set-cookie"]
    assert response.headers["location"] == LIVE_APP
    assert cookie.startswith("__clerk_handshake=")
    assert "Domain=example.com" in cookie
    assert "Max-Age=60" in cookie


async def test_production_takes_the_handshake_cookies_away_again(production: TestServer) -> None:
    browser = production.browser(origin=None, base_url="https://clerk.example.com")

    response = await navigate(browser, redirect_url=LIVE_APP)

    token = response.headers["set-cookie"].partition("=")[2].partition(";")[0]
    deleted = [d for d in claims_of(token)["handshake"] if d.startswith("__clerk_handshake")]
    assert len(deleted) == 2
    assert all("Max-Age=0" in line and "Domain=example.com" in line for line in deleted)


async def test_production_hands_out_no_development_browser(production: TestServer) -> None:
    browser = production.browser(origin="https://example.com", base_url="https://clerk.example.com")

    response = await browser.post("/v1/dev_browser")

    assert response.status_code == 400


async def test_handshake_token_is_not_accepted_as_a_session(server: TestServer) -> None:
    response = await navigate(server.browser(origin=None))

    token = parse_qs(urlsplit(response.headers["location"]).query)["__clerk_handshake"][0]
    assert "sub" not in claims_of(token)


async def test_development_browser_knows_the_client_where_the_cookie_does_not_reach(
    server: TestServer,
) -> None:
    page = server.browser()
    token = (await page.post("/v1/dev_browser")).json()["id"]
    started = await page.call("POST", "/v1/client/sign_ups", query={"__clerk_db_jwt": token})
    page.http.cookies.clear()

    client = await page.call("GET", "/v1/client", query={"__clerk_db_jwt": token})

    assert client.json()["response"]["sign_up"]["id"] == started.json()["response"]["id"]
    assert client.headers["clerk-db-jwt"] == token


async def test_unknown_development_browser_is_refused_by_scripts_requests(server: TestServer) -> None:
    response = await server.browser().get("/v1/client", __clerk_db_jwt="dvb_unknown")

    assert response.status_code == 401
    assert response.json()["errors"][0]["code"] == "dev_browser_unauthenticated"


async def test_development_browser_means_nothing_in_production(production: TestServer) -> None:
    browser = production.browser(origin="https://example.com", base_url="https://clerk.example.com")

    response = await browser.get("/v1/client", __clerk_db_jwt="dvb_unknown")

    assert response.status_code == 200
    assert "clerk-db-jwt" not in response.headers
