"""Refreshing a session from an application's server, which spares a browser the handshake."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from greffier.sdk.keys import cookie_suffix
from greffier.server.versions import NEWEST
from tests.support.answers import claims_of, error_of, set_cookie_value
from tests.support.server import APP_ORIGIN, PUBLISHABLE_KEY, Backend, Browser, TestServer

SUFFIX = cookie_suffix(PUBLISHABLE_KEY)


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


async def tokens_of(browser: Browser) -> dict[str, str]:
    """Cookies that a handshake sets at the application's host: a session token and a refresh token."""
    response = await browser.http.get(
        "/v1/client/handshake",
        params={"redirect_url": f"{APP_ORIGIN}/", "__clerk_api_version": NEWEST},
    )
    handshake = parse_qs(urlsplit(response.headers["location"]).query)["__clerk_handshake"][0]
    lines: list[str] = claims_of(handshake)["handshake"]
    return {
        "expired_token": str(set_cookie_value(lines, "__session")),
        "refresh_token": str(set_cookie_value(lines, f"__refresh_{SUFFIX}")),
    }


async def refresh(backend: Backend, session_id: str, **body: Any) -> httpx.Response:
    body = {"request_origin": APP_ORIGIN} | body
    return await backend.post(f"/v1/sessions/{session_id}/refresh", **body)


async def test_expired_token_is_exchanged_for_a_fresh_one(server: TestServer, backend: Backend) -> None:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]
    tokens = await tokens_of(browser)
    server.clock.advance(seconds=3600)

    response = await refresh(
        backend,
        session_id,
        **tokens,
        request_headers={"user-agent": ["Firefox"]},
        request_originating_ip="192.0.2.7",
        format="token",
    )

    assert response.json()["object"] == "token"
    claims = claims_of(response.json()["jwt"])
    assert (claims["sid"], claims["azp"]) == (session_id, APP_ORIGIN)
    assert claims["iat"] >= claims_of(tokens["expired_token"])["iat"] + 3600


async def test_cookies_hold_the_fresh_token_under_both_names(server: TestServer, backend: Backend) -> None:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]
    tokens = await tokens_of(browser)

    response = await backend.call(
        "POST",
        f"/v1/sessions/{session_id}/refresh",
        {**tokens, "request_origin": APP_ORIGIN, "format": "cookie"},
        query={"suffixed_cookies": "true"},
    )

    assert response.json()["object"] == "cookies"
    lines = response.json()["cookies"]
    fresh = set_cookie_value(lines, "__session")
    assert fresh is not None
    assert fresh == set_cookie_value(lines, f"__session_{SUFFIX}")
    assert claims_of(fresh)["sid"] == session_id


async def test_what_does_not_belong_together_is_refused(server: TestServer, backend: Backend) -> None:
    browser, other = server.browser(), server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]
    others_id = (await other.sign_up("eve+clerk_test@example.com"))["last_active_session_id"]
    tokens, others = await tokens_of(browser), await tokens_of(other)
    header, payload, signature = tokens["expired_token"].split(".")
    forged = f"{header}.{payload}.{others['expired_token'].split('.')[2]}"
    unsigned = f"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}."
    template = "eyJhbGciOiJSUzI1NiIsImNhdCI6ImNsX0I3ZDRQRDIyMkFBQSIsInR5cCI6IkpXVCJ9"

    refusals: list[tuple[dict[str, str], str]] = [
        ({"expired_token": "nonsense"}, "expired_session_token_invalid"),
        ({"expired_token": forged}, "expired_session_token_invalid"),
        ({"expired_token": unsigned}, "expired_session_token_invalid"),
        ({"expired_token": f"{template}.{payload}.{signature}"}, "expired_session_token_invalid"),
        ({"expired_token": others["expired_token"]}, "session_refresh_session_token_ineligible"),
        ({"refresh_token": others["refresh_token"]}, "refresh_token_not_found"),
        ({"refresh_token": "nonsense"}, "refresh_token_not_found"),
        ({"request_origin": "https://evil.example"}, "refresh_request_origin_azp_mismatch"),
    ]
    for wrong, code in refusals:
        response = await refresh(backend, session_id, **(tokens | wrong))
        assert error_of(response)[:2] == (401, code), wrong
    assert error_of(await refresh(backend, others_id, **tokens))[:2] == (
        401,
        "session_refresh_session_token_ineligible",
    )


async def test_session_that_is_over_is_not_refreshed(server: TestServer, backend: Backend) -> None:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]
    tokens = await tokens_of(browser)
    await backend.post(f"/v1/sessions/{session_id}/revoke")

    response = await refresh(backend, session_id, **tokens)

    assert error_of(response)[:2] == (401, "session_refresh_inactive_session")


async def test_incomplete_request_is_refused(backend: Backend) -> None:
    missing = await backend.post("/v1/sessions/sess_1/refresh", request_origin=APP_ORIGIN)
    unknown = await refresh(backend, "sess_1", expired_token="x", refresh_token="y", format="html")

    assert error_of(missing) == (422, "form_param_missing", "expired_token")
    assert error_of(unknown) == (422, "form_param_format_invalid", "format")
