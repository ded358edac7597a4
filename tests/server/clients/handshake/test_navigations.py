"""Addresses that a browser is sent to, and what it takes with it from there."""

from __future__ import annotations

import re

import pytest

from tests.support.answers import error_of
from tests.support.server import APP_ORIGIN, LIVE_SECRET_KEY, SECRET_KEY, TestServer


@pytest.mark.parametrize("path", ["/v1/redirect", "/v1/client/touch"])
async def test_browser_goes_on_to_a_page_of_the_application(server: TestServer, path: str) -> None:
    response = await server.browser(origin=None).get(path, redirect_url=f"{APP_ORIGIN}/orders?page=2")

    assert (response.status_code, response.headers["location"]) == (307, f"{APP_ORIGIN}/orders?page=2")


BYTES = {
    "/日本?é=ö": "/%E6%97%A5%E6%9C%AC?%C3%A9=%C3%B6",
    "/%E9;v=1?flag&empty=&q=1&q=2&q=1&z=%E9&a=b+c": "/%E9;v=1?flag&empty=&q=1&q=2&q=1&z=%E9&a=b+c",
}


@pytest.mark.parametrize("path", ["/v1/redirect", "/v1/client/touch", "/v1/client/handshake"])
@pytest.mark.parametrize("page", BYTES)
async def test_browser_goes_on_to_the_very_same_address(server: TestServer, path: str, page: str) -> None:
    response = await server.browser(origin=None).get(path, redirect_url=APP_ORIGIN + page)

    assert response.status_code == 307
    location = response.headers.raw[[name for name, _ in response.headers.raw].index(b"location")][1]
    base = re.sub("&__clerk_handshake=.*", "", location.decode("ascii"))
    assert base == APP_ORIGIN + BYTES[page]


async def test_production_handshake_goes_on_to_the_very_same_address(production: TestServer) -> None:
    browser = production.browser(origin=None, base_url="https://clerk.example.com")
    for page, encoded in BYTES.items():
        url = f"https://app.example.com{page}"
        response = await browser.get("/v1/client/handshake", redirect_url=url, format="nonce")
        assert response.headers["location"] == f"https://app.example.com{encoded}"


@pytest.mark.parametrize("path", ["/v1/redirect", "/v1/client/touch"])
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "http://localhost:3000@evil.example",
        "http://<b>.localhost",
        "javascript:alert(1)",
        "data:text/html,x",
    ],
)
async def test_browser_is_never_sent_to_a_foreign_site(server: TestServer, path: str, url: str) -> None:
    response = await server.browser(origin=None).get(path, redirect_url=url)

    assert error_of(response)[:2] == (422, "redirect_url_not_associated_with_instance")
    assert "location" not in response.headers


@pytest.mark.parametrize("path", ["/v1/redirect", "/v1/client/touch"])
async def test_without_an_address_there_is_nowhere_to_go(server: TestServer, path: str) -> None:
    assert (await server.browser(origin=None).get(path)).status_code == 400


async def test_touch_lets_the_browser_keep_its_cookie_for_longer(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up()
    before = browser.http.cookies["__client"]

    response = await browser.get("/v1/client/touch", redirect_url=APP_ORIGIN)

    assert re.match(
        rf"__client={re.escape(before)}; .*Max-Age=34560000; HttpOnly", response.headers["set-cookie"]
    )


async def test_touch_gives_a_stranger_no_cookie(server: TestServer) -> None:
    browser = server.browser()
    browser.http.cookies["__client"] = "made.up.cookie"

    response = await browser.get("/v1/client/touch", redirect_url=APP_ORIGIN)

    assert "set-cookie" not in response.headers


async def test_stored_data_is_cleared_for_the_own_site_only(server: TestServer) -> None:
    own = await server.browser(origin=None).get("/v1/clear-site-data")
    other = await server.browser(origin=None, headers={"sec-fetch-site": "cross-site"}).get(
        "/v1/clear-site-data"
    )

    assert own.headers["clear-site-data"] == '"cookies", "storage"'
    assert other.status_code == 403
    assert "clear-site-data" not in other.headers


async def test_old_browser_sdk_gets_its_development_browser_by_cookie(server: TestServer) -> None:
    browser = server.browser()

    token = (await browser.post("/v1/dev_browser/set_first_party_cookie")).json()["token"]

    assert browser.http.cookies["__clerk_db_jwt"] == token
    assert (await browser.get("/v1/client", __dev_session=token)).status_code == 200


async def test_old_browser_sdk_gets_its_development_browser_from_a_frame(server: TestServer) -> None:
    page = await server.browser(origin=None).get("/v1/dev_browser/init", origin=APP_ORIGIN)

    found = re.search(r'parent\.postMessage\(\{"browserToken":"(dvb_[\w-]+)"\}, "(.*)"\)', page.text)
    assert found
    assert found[2] == APP_ORIGIN
    assert f"frame-ancestors {APP_ORIGIN}" in page.headers["content-security-policy"]


async def test_frame_of_a_stranger_gets_no_development_browser(server: TestServer) -> None:
    response = await server.browser(origin=None).get("/v1/dev_browser/init", origin="https://evil.example")

    assert error_of(response)[:2] == (403, "origin_invalid")


async def test_proxy_of_the_application_decides_on_addresses(server: TestServer) -> None:
    proxy = {
        "clerk-proxy-url": "http://app.localhost:3000/__clerk/",
        "clerk-secret-key": SECRET_KEY,
        "x-forwarded-for": "203.0.113.9",
    }
    browser = server.browser(headers=proxy)

    display = (await browser.get("/v1/environment")).json()["display_config"]
    health = (await browser.get("/v1/proxy-health", domain_id="dmn_1")).json()

    assert display["sign_in_url"] == "http://app.localhost:3000/__clerk/sign-in"
    assert health == {"status": "healthy", "x_forwarded_for": "203.0.113.9"}


@pytest.mark.parametrize("key", ["", "sk_test_wrong", LIVE_SECRET_KEY])
async def test_proxy_without_a_key_of_this_instance_is_not_believed(server: TestServer, key: str) -> None:
    browser = server.browser(
        headers={
            "clerk-proxy-url": "https://evil.example",
            "clerk-secret-key": key,
            "x-forwarded-for": "1.2.3.4",
        }
    )

    display = (await browser.get("/v1/environment")).json()["display_config"]
    health = await browser.get("/v1/proxy-health", domain_id="dmn_1")

    assert display["sign_in_url"] == "http://localhost:8787/sign-in"
    assert (health.status_code, health.json()["status"]) == (503, "unhealthy")


async def test_well_known_documents_are_public(server: TestServer) -> None:
    browser = server.browser(origin="https://anywhere.example")

    for name in ("webauthn", "assetlinks.json", "apple-app-site-association"):
        response = await browser.get(f"/.well-known/{name}")
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == "*"


async def test_account_portal_leads_back_to_the_application(server: TestServer) -> None:
    portal = (await server.browser().get("/v1/account_portal")).json()

    assert portal["enabled"]
    assert portal["after_sign_in_url"] == APP_ORIGIN
