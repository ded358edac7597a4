"""The instance's key, a signed-in browser, and applications."""

from __future__ import annotations

import pytest

from tests.support.oauth.applications import REDIRECT_URI, Client, add_application
from tests.support.server import Backend, Browser, JsonObject, TestServer


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


@pytest.fixture
async def shop(backend: Backend) -> JsonObject:
    """A confidential client."""
    return await add_application(backend, "Shop", redirect_uris=[REDIRECT_URI])


@pytest.fixture
async def ada(server: TestServer) -> Browser:
    """A signed-in user."""
    browser = server.browser()
    await browser.sign_up()
    return browser


@pytest.fixture
def client(server: TestServer, shop: JsonObject) -> Client:
    """The program of the confidential one."""
    return Client(server, shop)


@pytest.fixture
async def public(server: TestServer, backend: Backend) -> Client:
    """A client that can keep no secret."""
    return Client(server, await add_application(backend, "App", public=True))
