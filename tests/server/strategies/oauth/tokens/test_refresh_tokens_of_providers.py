"""Providers are asked for refresh tokens in the way that each of them documents."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.server.strategies.oauth.flows import BACK, begin_sign_in, resource, url_in
from tests.support.configuring import configure
from tests.support.server import Browser, TestServer

ENDPOINTS = {
    "authorization_url": "https://site.example/authorize",
    "token_url": "https://site.example/token",
    "userinfo_url": "https://site.example/me",
}


async def switch_on(server: TestServer, provider: str, **settings: Any) -> None:
    entry = {"provider": provider, "enabled": True, "client_id": "id", "client_secret": "secret"}
    await configure(server, {"social": [entry | settings]})


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


async def asked_at_sign_in(server: TestServer, provider: str, **fields: Any) -> dict[str, str]:
    return query_of(url_in(await begin_sign_in(server.browser(), strategy=f"oauth_{provider}", **fields)))


async def connecting(browser: Browser, provider: str, **fields: Any) -> dict[str, str]:
    begun = resource(
        await browser.post(
            "/v1/me/external_accounts", strategy=f"oauth_{provider}", redirect_url=BACK, **fields
        )
    )
    return query_of(begun["verification"]["external_verification_redirect_url"])


@pytest.mark.parametrize(
    ("provider", "parameter", "value"),
    [
        ("atlassian", "scope", "offline_access"),
        ("atlassian", "prompt", "consent"),
        ("coinbase", "scope", "offline_access"),
        ("dropbox", "token_access_type", "offline"),
        ("microsoft", "scope", "offline_access"),
        ("vercel", "scope", "offline_access"),
        ("x", "scope", "offline.access"),
        ("xero", "scope", "offline_access"),
    ],
)
async def test_refresh_token_is_asked_for(
    server: TestServer, provider: str, parameter: str, value: str
) -> None:
    await switch_on(server, provider)

    assert value in (await asked_at_sign_in(server, provider))[parameter].split()


@pytest.fixture
async def google(server: TestServer, monkeypatch: pytest.MonkeyPatch) -> TestServer:
    """A server whose Google needs no discovery document."""
    from greffier.server.strategies.oauth import strategy
    from greffier.server.strategies.oauth.discovery import Endpoints

    async def endpoints(*_: object) -> Endpoints:
        return Endpoints(
            authorization_url="https://accounts.google.com/o/oauth2/v2/auth",
            token_url="https://oauth2.googleapis.com/token",
            profile_url=None,
            jwks_url=None,
            issuer="https://accounts.google.com",
            revocation_url=None,
        )

    monkeypatch.setattr(strategy, "endpoints_of", endpoints)
    await switch_on(server, "google")
    return server


async def test_google_is_asked_for_offline_access_and_for_no_consent_at_a_sign_in(google: TestServer) -> None:
    asked = await asked_at_sign_in(google, "google")

    assert (asked["access_type"], asked["include_granted_scopes"]) == ("offline", "true")
    assert "prompt" not in asked


async def test_google_asks_for_consent_once_more_where_an_account_is_connected(google: TestServer) -> None:
    browser = google.browser()
    await browser.sign_up()

    assert (await connecting(browser, "google"))["prompt"] == "consent"
    assert (await connecting(browser, "google", oidc_prompt="select_account"))["prompt"] == "select_account"


async def test_custom_provider_gets_scopes_of_the_settings_and_additional_ones_once_each(
    server: TestServer,
) -> None:
    await switch_on(server, "custom_site", scopes=["read", "offline_access"], **ENDPOINTS)
    browser = server.browser()
    await browser.sign_up()

    asked = await connecting(browser, "custom_site", **{"additional_scope[]": ["write", "read"]})

    assert asked["scope"] == "read offline_access write"
    assert "prompt" not in asked
