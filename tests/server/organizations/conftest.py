"""A server with organizations switched on, and its backend's key."""

from __future__ import annotations

import pytest

from tests.support.organizations import Person, add_organization, sign_up
from tests.support.server import Backend, JsonObject, TestServer


@pytest.fixture
def backend(enabled: TestServer) -> Backend:
    return enabled.backend()


@pytest.fixture
async def ada(enabled: TestServer) -> Person:
    return await sign_up(enabled, "ada")


@pytest.fixture
async def bob(enabled: TestServer) -> Person:
    return await sign_up(enabled, "bob")


@pytest.fixture
async def acme(backend: Backend, ada: Person) -> JsonObject:
    """An organization in which Ada alone is administrator."""
    return await add_organization(backend, created_by=ada.user_id, max_allowed_memberships=0)
