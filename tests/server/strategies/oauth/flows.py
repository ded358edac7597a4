"""The steps of a browser that signs in or up with another site."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.support.contract.published import check_response
from tests.support.server import APP_ORIGIN, TEST_CODE, Browser, TestServer
from tests.support.services.openid_provider import OpenIdProvider

STRATEGY = "oauth_custom_acme"
BACK, DONE = f"{APP_ORIGIN}/sso-callback", f"{APP_ORIGIN}/done"
AWAY = {"strategy": STRATEGY, "redirect_url": BACK, "action_complete_redirect_url": DONE}


def resource(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    return response.json()["response"]


async def begin_sign_in(browser: Browser, **fields: Any) -> dict[str, Any]:
    return resource(await browser.post("/v1/client/sign_ins", **{**AWAY, **fields}))


async def begin_sign_up(browser: Browser, **fields: Any) -> dict[str, Any]:
    return resource(await browser.post("/v1/client/sign_ups", **{**AWAY, **fields}))


def url_in(begun: dict[str, Any]) -> str:
    """Returns the URL to which the browser is sent."""
    if begun["object"] == "sign_up_attempt":
        return begun["verifications"]["external_account"]["external_verification_redirect_url"]
    return begun["first_factor_verification"]["external_verification_redirect_url"]


async def land(browser: Browser, url: str) -> tuple[str, dict[str, str]]:
    """The page to which the browser is led from the callback, and its query."""
    target = urlsplit(url)
    request = browser.http.build_request("GET", f"{target.path}?{target.query}")
    del request.headers["origin"]
    response = await browser.http.send(request)
    assert response.status_code == 303, response.text
    assert not check_response("fapi", "GET", target.path, 303, None, response.content)
    page, _, query = response.headers["location"].partition("?")
    return page, {name: values[0] for name, values in parse_qs(query).items()}


async def come_back(browser: Browser, provider: OpenIdProvider, begun: dict[str, Any]) -> str:
    """The page to which the browser is led once the person has consented at the provider."""
    page, _ = await land(browser, provider.authorize(url_in(begun)))
    return page


async def client_of(browser: Browser) -> dict[str, Any]:
    return (await browser.get("/v1/client")).json()["response"]


async def sign_up(browser: Browser, provider: OpenIdProvider) -> dict[str, Any]:
    """A complete sign-up; its user."""
    assert await come_back(browser, provider, await begin_sign_up(browser)) == DONE
    (session,) = (await client_of(browser))["sessions"]
    return session["user"]


async def returned(browser: Browser, provider: OpenIdProvider) -> dict[str, Any]:
    """The sign-in with the provider, as the page to which the browser returns finds it."""
    begun = await begin_sign_in(browser)
    assert await come_back(browser, provider, begun) == BACK
    return resource(await browser.get(f"/v1/client/sign_ins/{begun['id']}"))


async def send_code(browser: Browser, sign_in: dict[str, Any]) -> None:
    (factor,) = sign_in["supported_first_factors"]
    path = f"/v1/client/sign_ins/{sign_in['id']}/prepare_first_factor"
    resource(await browser.post(path, strategy="email_code", email_address_id=factor["email_address_id"]))


async def enter_code(browser: Browser, sign_in: dict[str, Any]) -> dict[str, Any]:
    path = f"/v1/client/sign_ins/{sign_in['id']}/attempt_first_factor"
    return resource(await browser.post(path, strategy="email_code", code=TEST_CODE))


async def prove(browser: Browser, sign_in: dict[str, Any]) -> dict[str, Any]:
    await send_code(browser, sign_in)
    return await enter_code(browser, sign_in)


async def user_in(browser: Browser) -> dict[str, Any]:
    (session,) = (await client_of(browser))["sessions"]
    return session["user"]


async def accounts_of(server: TestServer, user_id: str) -> list[str]:
    user = (await server.backend().get(f"/v1/users/{user_id}")).json()
    return [one["provider_user_id"] for one in user["external_accounts"]]
