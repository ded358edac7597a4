"""Handshakes in production, whose answer is a cookie."""

from __future__ import annotations

import httpx
import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.organizations import add_member, add_organization
from tests.support.server import LIVE_SECRET_KEY, Browser, TestServer

COOKIE = 4096


async def member_with(production: TestServer, *, features: int, actions: int) -> Browser:
    """A browser of a signed-in user whose role has so many permissions."""
    await configure(production, {"organizations": {"enabled": True}})
    backend = production.backend(secret_key=LIVE_SECRET_KEY)
    ids: list[str] = []
    for number in range(features * actions):
        key = f"org:feature_{number % features}:action_{number // features}"
        ids.append((await backend.post("/v1/organization_permissions", name=key, key=key)).json()["id"])
    await backend.post("/v1/organization_roles", name="Big", key="org:big", permissions=ids)
    ada = await backend.add_user()
    acme = await add_organization(backend)
    await add_member(backend, acme, ada["id"], "org:big")
    browser = production.browser(origin="https://example.com", base_url="https://clerk.example.com")
    token = (await backend.post("/v1/sign_in_tokens", user_id=ada["id"])).json()["token"]
    signed_in = await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=token)
    assert signed_in.json()["client"]["sessions"][0]["last_active_organization_id"] == acme["id"]
    del browser.http.headers["origin"]
    return browser


async def handshake(browser: Browser, form: str, suffixed: str = "true") -> httpx.Response:
    return await browser.http.get(
        "/v1/client/handshake",
        params={
            "redirect_url": "https://example.com/",
            "format": form,
            "suffixed_cookies": suffixed,
            "__clerk_api_version": browser.version,
        },
    )


@pytest.mark.parametrize(("form", "suffixed"), [("token", "true"), ("token", "false"), ("nonce", "true")])
async def test_handshake_of_a_member_with_many_permissions_fits_in_a_cookie(
    production: TestServer, form: str, suffixed: str
) -> None:
    browser = await member_with(production, features=10, actions=3)

    answer = await handshake(browser, form, suffixed)

    assert answer.status_code == 307, answer.text
    lines = answer.headers.get_list("set-cookie")
    (line,) = [line for line in lines if line.startswith("__clerk_handshake") and "Max-Age=0" not in line]
    assert len(line) < COOKIE


async def test_handshake_that_fits_in_no_cookie_as_a_token_says_so_and_succeeds_as_a_nonce(
    production: TestServer, caplog: pytest.LogCaptureFixture
) -> None:
    browser = await member_with(production, features=75, actions=1)

    refused = await handshake(browser, "token")
    by_nonce = await handshake(browser, "nonce")

    assert error_of(refused)[:2] == (400, "session_token_too_large")
    assert "nonce" in refused.json()["errors"][0]["long_message"]
    assert "a handshake in the form of a token has" in caplog.text
    assert by_nonce.status_code == 307
