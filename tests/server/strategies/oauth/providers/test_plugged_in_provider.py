"""A provider of another package, which the entry point `greffier.oauth_providers` names."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from greffier.server.strategies import oauth_providers
from greffier.server.strategies.oauth import connections
from greffier.server.strategies.oauth_providers.openid import read_claims
from greffier.server.strategies.oauth_providers.provider import OAuthProvider
from tests.server.strategies.oauth.flows import DONE, begin_sign_up, come_back, user_in
from tests.support.configuring import configure
from tests.support.server import TestServer
from tests.support.services.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider

PROVIDER: OAuthProvider | None = None


@pytest.fixture
def plugged_in(running_provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenIdProvider]:
    """The provider is there as if its package were installed."""
    running_provider.reset()
    described = OAuthProvider(
        key="village",
        name="Village",
        issuer=running_provider.url,
        scopes=("openid", "email"),
        gives_id_token=True,
        read=read_claims,
    )
    monkeypatch.setitem(globals(), "PROVIDER", described)

    def entry_points(*, group: str) -> list[Any]:
        assert group == "greffier.oauth_providers"
        return [EntryPoint("village", f"{__name__}:PROVIDER", group)]

    monkeypatch.setattr(oauth_providers, "entry_points", entry_points)
    _forget()
    yield running_provider
    _forget()


def _forget() -> None:
    oauth_providers.providers.cache_clear()
    connections.provider_of.cache_clear()


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
async def test_provider_of_another_package_signs_up(server: TestServer, plugged_in: OpenIdProvider) -> None:
    entry = {"provider": "village", "enabled": True, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    await configure(server, {"social": [entry]})
    browser = server.browser()

    begun = await begin_sign_up(browser, strategy="oauth_village")
    page = await come_back(browser, plugged_in, begun)

    (account,) = (await user_in(browser))["external_accounts"]
    assert page == DONE
    assert (account["provider"], account["provider_user_id"]) == ("oauth_village", "1234")
    assert plugged_in.authorizations[0]["scope"] == "openid email"
