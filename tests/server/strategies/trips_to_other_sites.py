"""The steps of a browser that a strategy of another package sends to another site, and that comes back."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.support.server import APP_ORIGIN, Browser, TestServer

UNPUBLISHED = "2025-11-10"
"""A date whose contract is not checked: it lists names of strategies, and pagers have none."""
PAGER = "P-1234"
BACK, DONE = f"{APP_ORIGIN}/sso-callback?from=pager", f"{APP_ORIGIN}/done"
AWAY = {"redirect_url": BACK, "action_complete_redirect_url": DONE}
CALLED = {"strategy": "pager_call", **AWAY}


def browser_of(server: TestServer) -> Browser:
    return server.browser(version=UNPUBLISHED)


def resource(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    return response.json()["response"]


def state_in(verification: dict[str, Any]) -> str:
    """As the other site gets it from the browser that is sent there."""
    return parse_qs(urlsplit(verification["external_verification_redirect_url"]).query)["state"][0]


async def come_back(browser: Browser, state: str, **answer: str) -> tuple[str, dict[str, str]]:
    """The page to which the browser is led, and the query that is added to it."""
    answer = {"state": state, "confirmed": "true"} | answer
    request = browser.http.build_request("GET", "/v1/oauth_callback", params=answer)
    del request.headers["origin"]
    response = await browser.http.send(request)
    assert response.status_code == 303, response.text
    assert (response.headers["cache-control"], response.headers["referrer-policy"]) == (
        "no-store",
        "no-referrer",
    )
    url, _, query = response.headers["location"].partition("?")
    added = {name: values[0] for name, values in parse_qs(query).items() if name != "from"}
    return url, added


async def begin_sign_up(browser: Browser, **fields: str) -> dict[str, Any]:
    return resource(await browser.post("/v1/client/sign_ups", pager=PAGER, **CALLED, **fields))


async def sign_up(server: TestServer) -> Browser:
    """A browser in which the user with the pager has signed up."""
    browser = browser_of(server)
    begun = await begin_sign_up(browser)
    await come_back(browser, state_in(begun["verifications"]["pager"]))
    return browser


async def begin_sign_in(browser: Browser, **fields: str) -> dict[str, Any]:
    return resource(await browser.post("/v1/client/sign_ins", **{"identifier": PAGER, **CALLED, **fields}))


async def sessions_of(browser: Browser) -> list[dict[str, Any]]:
    return (await browser.get("/v1/client")).json()["response"]["sessions"]


async def sign_in_of(browser: Browser, sign_in: dict[str, Any]) -> dict[str, Any]:
    return resource(await browser.get(f"/v1/client/sign_ins/{sign_in['id']}"))
