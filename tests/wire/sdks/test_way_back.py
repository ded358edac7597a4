"""From a protected page of an application to the sign-in page of a running server, and back."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from greffier.asgi import AuthMiddleware
from tests.sdk.apps import DOCUMENT, app
from tests.support.services.processes import Serving

ORIGIN = "http://localhost:3000"


@pytest.fixture
def application(dev_server: Serving) -> AuthMiddleware:
    keys = {"publishable_key": dev_server.publishable_key, "secret_key": dev_server.secret_key}
    return AuthMiddleware(app(), **keys, proxy_url=dev_server.url, api_url=dev_server.url)


async def redirected_from(application: AuthMiddleware, path: str) -> str:
    """Returns the URL to which a signed-out visitor of a page is redirected in the end."""
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as browser:
        location = path
        for _ in range(5):
            host = httpx.URL(location).host
            if host == "localhost" and not location.startswith(ORIGIN):
                if "/sign-in" in location:
                    return location
                location = httpx.get(location).headers["location"]
                continue
            answer = await browser.get(location, headers=DOCUMENT)
            location = answer.headers["location"]
    raise AssertionError(f"still under way: {location}")


async def test_the_sign_in_page_leads_back_to_allowed_urls_only(
    application: AuthMiddleware, dev_server: Serving
) -> None:
    wanted = f"{ORIGIN}/orders?page=2"

    location = await redirected_from(application, "/orders?page=2")

    page = urlsplit(location)
    assert page._replace(query="").geturl() == f"{dev_server.url}/sign-in"
    assert parse_qs(page.query)["redirect_url"] == [wanted]
    with dev_server.http() as http:
        assert http.get(location).status_code == 200
        evil = urlencode({"redirect_url": "https://evil.example/"})
        refused = http.get(f"/sign-in?{evil}")
    assert refused.status_code == 422
    assert "evil.example" not in refused.text
