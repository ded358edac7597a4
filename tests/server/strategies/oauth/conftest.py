"""An instance with an OpenID provider of its own, which is a real HTTP server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.configuring import configure
from tests.support.server import TestServer
from tests.support.services.openid_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    OpenIdProvider,
    openid_provider,
)


@pytest.fixture(scope="session")
def running_provider() -> Iterator[OpenIdProvider]:
    with openid_provider() as provider:
        yield provider


def social(provider: OpenIdProvider, **changes: Any) -> dict[str, Any]:
    """An entry of the settings."""
    return {
        "provider": "custom_acme",
        "name": "Acme",
        "enabled": True,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "discovery_url": f"{provider.url}/.well-known/openid-configuration",
        **changes,
    }


@pytest.fixture
async def provider(running_provider: OpenIdProvider, server: TestServer) -> OpenIdProvider:
    running_provider.reset()
    await configure(server, {"social": [social(running_provider)]})
    return running_provider
