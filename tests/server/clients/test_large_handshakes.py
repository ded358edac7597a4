"""Handshakes in production, whose answer is a cookie."""

from __future__ import annotations

import httpx
import pytest

from tests.support.configuring import configure
from tests.support.organizations import add_member, add_organization
from tests.support.server import LIVE_SECRET_KEY, TestServer

COOKIE = 4096


@pytest.mark.parametrize(("form", "suffixed"), [("token", "true"), ("token", "false"), ("nonce", "true")])
async def test_handshake_of_a_member_with_many_permissions_fits_in_a_cookie(
    production: TestServer, form: str, suffixed: str
) -> None:
    await configure(production, {"organizations": {"enabled": True}})
    backend = production.backend(secret_key=LIVE_SECRET_KEY)
    ids: list[str] = []
    for number in range(30):
        key = f"org:feature_{number % 10}:action_{number // 10}"
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
    answer: httpx.Response = await browser.http.get(
        "/v1/client/handshake",
        params={
            "redirect_url": "https://example.com/",
            "format": form,
            "suffixed_cookies": suffixed,
            "__clerk_api_version": browser.version,
        },
    )

    assert answer.status_code == 307, answer.text
    lines = answer.headers.get_list("set-cookie")
    (handshake,) = [
        line for line in lines if line.startswith("__clerk_handshake") and "Max-Age=0" not in line
    ]
    assert len(handshake) < COOKIE
