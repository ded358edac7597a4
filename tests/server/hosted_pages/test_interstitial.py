"""The page that brings cookies up to date for servers with an SDK of 2022-23."""

from __future__ import annotations

import httpx
import pytest

from tests.server.clients.satellites.browsers import PROXY, declare
from tests.support.answers import error_of
from tests.support.server import (
    DEVELOPMENT,
    LIVE_PUBLISHABLE_KEY,
    PUBLISHABLE_KEY,
    Backend,
    TestServer,
    running,
)

HOST = "clerk.tidy-otter-42.localhost"


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


@pytest.fixture
def visitor(server: TestServer) -> Backend:
    return server.backend(secret_key=None)


def assert_loads_the_sdk(page: httpx.Response, script: str) -> None:
    assert page.status_code == 200, page.text
    assert page.headers["content-type"].startswith("text/html")
    assert f'src="{script}"' in page.text
    assert f'data-clerk-publishable-key="{PUBLISHABLE_KEY}"' in page.text
    assert "Clerk.load" in page.text
    assert "location.reload()" in page.text


@pytest.mark.parametrize("name", ["publishable_key", "frontend_api", "frontendApi"])
async def test_page_loads_the_sdk_of_the_instance_named_by_key_or_host(visitor: Backend, name: str) -> None:
    value = PUBLISHABLE_KEY if name == "publishable_key" else HOST

    page = await visitor.get("/v1/public/interstitial", **{name: value}, clerk_js_version="4.2.0")

    assert_loads_the_sdk(page, "http://localhost:8787/npm/@clerk/clerk-js@4.2.0/dist/clerk.browser.js")


async def test_secret_key_names_the_instance_too(backend: Backend) -> None:
    page = await backend.get("/v1/internal/interstitial")

    assert_loads_the_sdk(page, "http://localhost:8787/npm/@clerk/clerk-js@4/dist/clerk.browser.js")


async def test_proxy_of_the_application_serves_the_script(visitor: Backend) -> None:
    page = await visitor.get(
        "/v1/public/interstitial",
        publishable_key=PUBLISHABLE_KEY,
        proxy_url="http://localhost:3000/__clerk",
    )

    assert_loads_the_sdk(page, "http://localhost:3000/__clerk/npm/@clerk/clerk-js@4/dist/clerk.browser.js")


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"publishable_key": "pk_test_nonsense"},
        {"publishable_key": PUBLISHABLE_KEY, "proxy_url": "https://evil.example"},
        {"publishable_key": PUBLISHABLE_KEY, "proxy_url": "//evil.example"},
        {"publishable_key": PUBLISHABLE_KEY, "sign_in_url": "javascript:alert(1)"},
        {"publishable_key": PUBLISHABLE_KEY, "clerk_js_version": "4/../../../evil"},
        {"publishable_key": PUBLISHABLE_KEY, "clerk_js_version": '"><script>'},
    ],
)
async def test_nothing_of_a_link_becomes_a_script(visitor: Backend, query: dict[str, str]) -> None:
    response = await visitor.get("/v1/public/interstitial", **query)

    assert error_of(response)[0] == 400


async def test_internal_page_needs_the_secret_key(visitor: Backend) -> None:
    assert (await visitor.get("/v1/internal/interstitial")).status_code == 401


async def of_satellite(production: TestServer, domain: str) -> httpx.Response:
    await declare(production)
    return await production.backend(secret_key=None).get(
        "/v1/public/interstitial",
        publishable_key=LIVE_PUBLISHABLE_KEY,
        is_satellite="true",
        domain=domain,
        sign_in_url="https://example.com/sign-in",
    )


@pytest.mark.parametrize(
    ("domain", "api"),
    [
        ("example.dev", "https://clerk.example.dev"),
        ("clerk.example.dev", "https://clerk.example.dev"),
        ("shop.example", PROXY),
    ],
)
async def test_satellite_loads_the_sdk_from_its_own_frontend_api(
    production: TestServer, domain: str, api: str
) -> None:
    page = await of_satellite(production, domain)

    assert f'src="{api}/npm/@clerk/clerk-js@4/dist/clerk.browser.js"' in page.text
    assert f'data-clerk-proxy-url="{api}"' in page.text
    assert 'Clerk.load({"isSatellite": true, "signInUrl": "https://example.com/sign-in"})' in page.text


async def test_domain_that_is_no_satellite_is_refused(production: TestServer) -> None:
    assert error_of(await of_satellite(production, "evil.example"))[0] == 400


@pytest.mark.parametrize("version", ["latest", "canary", "staging", ""])
async def test_tag_means_the_newest_of_the_era_that_asks_for_the_page(visitor: Backend, version: str) -> None:
    query = {"clerk_js_version": version} if version else {}
    page = await visitor.get("/v1/public/interstitial", publishable_key=PUBLISHABLE_KEY, **query)

    assert_loads_the_sdk(page, "http://localhost:8787/npm/@clerk/clerk-js@4/dist/clerk.browser.js")


@pytest.mark.parametrize("host", ["localhost", HOST, "clerk.next-door-7.localhost", "greffier"])
@pytest.mark.parametrize("query", [{"publishable_key": PUBLISHABLE_KEY}, {"frontendApi": HOST}])
async def test_each_of_several_instances_has_its_page_at_every_host(
    development_database: str, host: str, query: dict[str, str]
) -> None:
    async with running(development_database, DEVELOPMENT, api_hosts=("greffier", "localhost")) as server:
        await server.neighbour()
        visitor = server.backend(secret_key=None)
        page = await visitor.http.get("/v1/public/interstitial", params=query, headers={"host": host})

    url = f"http://{HOST}" if host == HOST else f"https://{HOST}"
    assert_loads_the_sdk(page, f"{url}/npm/@clerk/clerk-js@4/dist/clerk.browser.js")


@pytest.mark.parametrize("key", [LIVE_PUBLISHABLE_KEY, "pk_test_bG9jYWxob3N0LnRlc3Qk"])
async def test_instance_that_is_not_here_has_no_page(visitor: Backend, key: str) -> None:
    assert (await visitor.get("/v1/public/interstitial", publishable_key=key)).status_code == 400


async def test_proxy_of_the_application_does_not_say_where_the_frontend_api_is(
    development_database: str,
) -> None:
    """Next.js passes the page on from its own host, which a proxy on the same machine names."""
    url = "http://localhost:8787"
    async with running(
        development_database, DEVELOPMENT, trusted_proxies=("127.0.0.1",), listening_url=url
    ) as server:
        page = await server.backend(secret_key=None).http.get(
            "/v1/public/interstitial",
            params={"publishable_key": PUBLISHABLE_KEY},
            headers={"x-forwarded-host": "localhost:3000", "x-forwarded-for": "127.0.0.1"},
        )

    assert_loads_the_sdk(page, f"{url}/npm/@clerk/clerk-js@4/dist/clerk.browser.js")


async def test_page_may_ask_the_frontend_api_although_the_application_shows_it(visitor: Backend) -> None:
    page = await visitor.get("/v1/public/interstitial", publishable_key=PUBLISHABLE_KEY)

    assert "connect-src 'self' http://localhost:8787;" in page.headers["content-security-policy"]
