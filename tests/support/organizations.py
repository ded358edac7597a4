"""Organizations for tests: made by the instance's key, and asked for by their members' browsers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.configuring import configure
from tests.support.server import Backend, Browser, JsonObject, TestServer


async def enable_organizations(server: TestServer, **rules: Any) -> None:
    """Switch organizations on, with these rules of their section."""
    await configure(server, {"organizations": {"enabled": True, **rules}})


async def add_organization(backend: Backend, name: str = "Acme", **fields: Any) -> JsonObject:
    """A new organization as it is answered."""
    response = await backend.post("/v1/organizations", name=name, **fields)
    assert response.status_code == 200, response.text
    return response.json()


async def add_member(
    backend: Backend, organization: JsonObject, user_id: str, role: str = "org:member", **fields: Any
) -> JsonObject:
    """A new membership as it is answered."""
    path = f"/v1/organizations/{organization['id']}/memberships"
    response = await backend.post(path, user_id=user_id, role=role, **fields)
    assert response.status_code == 200, response.text
    return response.json()


async def add_role(backend: Backend, key: str, *permissions: str) -> JsonObject:
    """A new role that has the permissions with these keys, which are there already."""
    listed = (await backend.get("/v1/organization_permissions", limit=100)).json()["data"]
    ids = [one["id"] for one in listed if one["key"] in permissions]
    response = await backend.post("/v1/organization_roles", name=key, key=key, permissions=ids)
    assert response.status_code == 200, response.text
    return response.json()


@dataclass
class Person:
    """A signed-in user."""

    browser: Browser
    user_id: str
    session_id: str


async def sign_up(server: TestServer, name: str) -> Person:
    browser = server.browser()
    session = (await browser.sign_up(f"{name}+clerk_test@example.com"))["sessions"][0]
    return Person(browser, session["user"]["id"], session["id"])


def path_of(organization: JsonObject, *parts: str) -> str:
    return "/".join(("/v1/organizations", organization["id"], *parts))


async def roles_of(backend: Backend, organization: JsonObject) -> dict[str, str]:
    """The role of each member, by their ids."""
    listed = (await backend.get(path_of(organization, "memberships"), limit=100)).json()["data"]
    return {one["public_user_data"]["user_id"]: one["role"] for one in listed}


@pytest.fixture
async def enabled(server: TestServer) -> TestServer:
    """A server with organizations switched on."""
    await enable_organizations(server)
    return server
