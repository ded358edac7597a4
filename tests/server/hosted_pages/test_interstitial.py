"""The page that brings cookies up to date for servers with an SDK of 2022-23."""

from __future__ import annotations

import httpx
import pytest

from tests.support.answers import error_of
from tests.support.server import PUBLISHABLE_KEY, Backend, TestServer

HOST = "clerk.tidy-otter-42.localhost"


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


@pytest.fixture
def anybody(server: TestServer) -> Backend:
    return server.backend(secret_key=None)


def assert_loads_the_sdk(page: httpx.Response, script: str) -> None:
    assert page.status_code == 200, page.text
    assert page.headers["content-type"].startswith("text/html")
    assert f'src="{script}"' in page.text
    assert f'data-clerk-publishable-key="{PUBLISHABLE_KEY}"' in page.text
    assert "Clerk.load" in page.text
    assert "location.reload()" in page.text


@pytest.mark.parametrize("name", ["publishable_key", "frontend_api", "frontendApi"])
async def test_s2_7_page_loads_the_sdk_of_the_instance_named_by_key_or_host(
    anybody: Backend, name: str
) -> None:
    value = PUBLISHABLE_KEY if name == "publishable_key" else HOST

    page = await anybody.get("/v1/public/interstitial", **{name: value}, clerk_js_version="4.2.0")

    assert_loads_the_sdk(page, "http://localhost:8787/npm/@clerk/clerk-js@4.2.0/dist/clerk.browser.js")


async def test_secret_key_names_the_instance_too(backend: Backend) -> None:
    page = await backend.get("/v1/internal/interstitial")

    assert_loads_the_sdk(page, "http://localhost:8787/npm/@clerk/clerk-js@4/dist/clerk.browser.js")


async def test_proxy_of_the_application_serves_the_script(anybody: Backend) -> None:
    page = await anybody.get(
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
async def test_nothing_of_a_link_becomes_a_script(anybody: Backend, query: dict[str, str]) -> None:
    response = await anybody.get("/v1/public/interstitial", **query)

    assert error_of(response)[0] == 400


async def test_internal_page_needs_the_secret_key(anybody: Backend) -> None:
    assert (await anybody.get("/v1/internal/interstitial")).status_code == 401
