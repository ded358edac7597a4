"""The page for people whose sign-in was not authorized, and pages asked for on a satellite domain."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.server.clients.satellites.browsers import declare
from tests.server.hosted_pages.pages import visitor
from tests.support.configuring import configure
from tests.support.server import TestServer

PATH = "/unauthorized-sign-in"

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


def links_of(response: httpx.Response) -> list[str]:
    return [html.unescape(link) for link in re.findall(r'<a [^>]*href="([^"]+)"', response.text)]


async def test_it_leads_back_to_the_sign_in_and_to_the_devices(http: httpx.AsyncClient) -> None:
    response = await http.get(PATH)

    assert response.status_code == 200
    assert "This sign-in was not authorized" in response.text
    assert links_of(response) == ["/sign-in", "/user/security"]


async def test_it_runs_nothing_and_stands_in_no_frame(http: httpx.AsyncClient) -> None:
    response = await http.get(PATH)

    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["x-frame-options"] == "DENY"
    assert response.headers["cache-control"] == "no-store"
    assert "<script" not in response.text


async def test_it_sets_no_cookie(http: httpx.AsyncClient) -> None:
    assert "set-cookie" not in (await http.get(PATH)).headers


async def test_the_sign_in_returns_to_the_page_that_was_asked_for(http: httpx.AsyncClient) -> None:
    response = await http.get(PATH, params={"redirect_url": "http://localhost:3000/orders?page=2&x=<b>"})

    query = parse_qs(urlsplit(links_of(response)[0]).query)
    assert query == {"redirect_url": ["http://localhost:3000/orders?page=2&x=<b>"]}
    assert "<b>" not in response.text


@pytest.mark.parametrize("url", ["https://evil.example", "//evil.example", "javascript:alert(1)"])
async def test_it_leads_nowhere_else(http: httpx.AsyncClient, url: str) -> None:
    response = await http.get(PATH, params={"redirect_url": url})

    assert response.status_code == 422
    assert "evil" not in response.text


async def test_it_shows_the_instances_own_sign_in_and_support(
    server: TestServer, http: httpx.AsyncClient
) -> None:
    await configure(
        server,
        {
            "application_name": "Shop & <Co>",
            "sign_in_url": "https://shop.example/login?theme=dark",
            "support_email": "help@shop.example",
        },
    )

    response = await http.get(PATH, params={"redirect_url": "http://localhost:3000/"})

    sign_in, _, support = links_of(response)
    assert sign_in.startswith("https://shop.example/login?theme=dark&redirect_url=")
    assert support == "mailto:help@shop.example"
    assert "Shop &amp; &lt;Co&gt;" in response.text


@pytest.mark.parametrize("path", ["/sign-in/factor-one", "/sign-up", "/user", PATH])
async def test_pages_on_a_satellites_host_are_those_of_the_primary_domain(
    production: TestServer, path: str
) -> None:
    await declare(production)
    async with visitor(production.app, "https://clerk.example.dev") as http:
        query = "redirect_url=https%3A%2F%2Fapp.example.dev%2F%3Fa%3D1"
        response = await http.get(f"{path}?{query}")
        evil = await http.get(path, params={"redirect_url": "https://evil.example/"})

    assert response.status_code == 303
    assert response.headers["location"] == f"https://clerk.example.com{path}?{query}"
    assert evil.status_code == 422


@pytest.mark.parametrize("name", ["redirect_url", "__clerk_satellite_url"])
async def test_the_primary_domains_pages_send_people_back_to_a_satellite(
    production: TestServer, name: str
) -> None:
    await declare(production)
    async with visitor(production.app, "https://clerk.example.com") as http:
        statuses = {
            url: (await http.get("/sign-in", params={name: url})).status_code
            for url in (
                "https://app.example.dev/orders",
                "https://shop.example/",
                "http://app.example.dev/",
                "https://example.dev.evil.example/",
            )
        }

    assert list(statuses.values()) == [200, 200, 422, 422]
