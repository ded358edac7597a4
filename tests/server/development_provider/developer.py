"""The steps of a developer at the page of the development provider."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.server.strategies.oauth.flows import BACK, DONE, land, resource, url_in
from tests.support.server import Browser

GOOGLE = "oauth_google"
AWAY = {"strategy": GOOGLE, "redirect_url": BACK, "action_complete_redirect_url": DONE}
SOCIAL = {"social": [{"provider": "google", "enabled": True}]}
ADA = {
    "given_name": "Ada",
    "family_name": "Lovelace",
    "email": "ada@example.com",
    "email_verified": "true",
}


async def begin(browser: Browser, flow: str = "sign_ups", **fields: Any) -> str:
    """The URL of the page, to which the browser is sent."""
    return url_in(resource(await browser.post(f"/v1/client/{flow}", **{**AWAY, **fields})))


async def navigate(browser: Browser, url: str, form: dict[str, str] | None = None) -> httpx.Response:
    """GET, or POST of a form, of a page at this server."""
    target = urlsplit(url)
    method = "GET" if form is None else "POST"
    request = browser.http.build_request(method, f"{target.path}?{target.query}", data=form)
    request.headers["accept"] = "text/html"
    if form is None:
        del request.headers["origin"]
    return await browser.http.send(request)


async def be(browser: Browser, url: str, **form: str) -> str:
    """The URL of the callback with what the page answers."""
    response = await navigate(browser, url, form)
    assert response.status_code == 303, response.text
    return response.headers["location"]


def answer_in(callback: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(callback).query).items()}


async def sign_up(browser: Browser, **form: str) -> dict[str, Any]:
    """A complete sign-up as a person; its user."""
    page, _ = await land(browser, await be(browser, await begin(browser), **(form or ADA)))
    assert page == DONE
    return await user_of(browser)


async def user_of(browser: Browser) -> dict[str, Any]:
    (session,) = (await browser.get("/v1/client")).json()["response"]["sessions"]
    return session["user"]
