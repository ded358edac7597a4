"""The page on which a popup ends: it tells the page that opened it what has come of the sign-in."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from tests.server.hosted_pages.pages import visitor
from tests.support.server import TestServer

PATH = "/popup-callback"
BACK = "https://example.com/sign-in?intent=signIn#/sso-callback"

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def page(production: TestServer, host: str = "accounts.example.com", **query: str) -> httpx.Response:
    async with visitor(production.app, f"https://{host}") as http:
        return await http.get(PATH, params=query)


def told(response: httpx.Response) -> tuple[Any, str]:
    """The message, and the only origin that gets it."""
    (found,) = re.findall(r"postMessage\((\{.*?\}), (\".*?\")\)", response.text)
    return json.loads(found[0]), json.loads(found[1])


async def test_session_is_told_to_the_origin_of_the_page_to_return_to(production: TestServer) -> None:
    response = await page(production, return_url=BACK, __clerk_created_session="sess_1")

    assert response.status_code == 200
    assert told(response) == ({"session": "sess_1"}, "https://example.com")


async def test_page_to_return_to_is_told_when_there_is_more_to_do(production: TestServer) -> None:
    response = await page(production, return_url=BACK, __clerk_status="transferable")

    assert told(response) == ({"return_url": BACK}, "https://example.com")


@pytest.mark.parametrize(
    "url",
    ["", "/sign-in", "https://evil.example/", "javascript:alert(1)", "https://example.com.evil.example/"],
)
async def test_no_other_origin_is_told(production: TestServer, url: str) -> None:
    response = await page(production, return_url=url, __clerk_created_session="sess_1")

    assert response.status_code in (400, 422)
    assert "sess_1" not in response.text


async def test_parameters_run_nothing(production: TestServer) -> None:
    response = await page(production, return_url=BACK, __clerk_created_session="</script><script>alert(1)")

    assert "<script>alert" not in response.text
    assert told(response)[0] == {"session": "</script><script>alert(1)"}


async def test_it_is_in_no_frame_and_reads_no_cookie(production: TestServer) -> None:
    response = await page(production, return_url=BACK)

    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert "set-cookie" not in response.headers
    assert response.headers["cache-control"] == "no-store"
