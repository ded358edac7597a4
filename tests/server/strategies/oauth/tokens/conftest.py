"""A provider that gives refresh tokens, and a user who has signed up with it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.strategies.oauth.flows import sign_up
from tests.support.server import Browser, TestServer
from tests.support.services.openid_provider import OpenIdProvider


@pytest.fixture
def provider(provider: OpenIdProvider) -> OpenIdProvider:
    provider.gives_refresh_tokens = True
    return provider


@pytest.fixture
def browser(server: TestServer) -> Browser:
    return server.browser()


@pytest.fixture
async def user(browser: Browser, provider: OpenIdProvider) -> dict[str, Any]:
    return await sign_up(browser, provider)
