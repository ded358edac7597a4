"""A server with organizations switched on, and its backend's key."""

from __future__ import annotations

import pytest

from tests.support.organizations import Person, enable_organizations, sign_up
from tests.support.server import Backend, TestServer


@pytest.fixture
async def enabled(server: TestServer) -> TestServer:
    await enable_organizations(server)
    return server


@pytest.fixture
def backend(enabled: TestServer) -> Backend:
    return enabled.backend()


@pytest.fixture
async def ada(enabled: TestServer) -> Person:
    return await sign_up(enabled, "ada")


@pytest.fixture
async def bob(enabled: TestServer) -> Person:
    return await sign_up(enabled, "bob")
