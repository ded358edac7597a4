"""Clients of the SDKs, and an OAuth provider with either kind of token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from clerk_backend_api import Clerk

from tests.support.services.processes import Serving, SignedIn, apply_settings


@pytest.fixture
def sdk(dev_server: Serving) -> Iterator[Clerk]:
    """The official SDK for Python."""
    with Clerk(bearer_auth=dev_server.secret_key, server_url=f"{dev_server.url}/v1") as clerk:
        yield clerk


@pytest.fixture(scope="module", params=["opaque", "jwt"])
def provider(request: pytest.FixtureRequest, dev_server: Serving) -> Iterator[Serving]:
    """With access tokens of either format."""
    switch = "[oauth_provider]\njwt_access_tokens = {}\n"
    apply_settings(dev_server.data, dev_server.url, switch.format(str(request.param == "jwt").lower()))
    yield dev_server
    apply_settings(dev_server.data, dev_server.url, "")


@pytest.fixture
def ada(provider: Serving, request: pytest.FixtureRequest) -> SignedIn:
    return provider.sign_up(f"ada{abs(hash(request.node.name))}+clerk_test@example.com")
