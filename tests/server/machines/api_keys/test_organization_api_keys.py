"""API keys that stand for an organization: members make them whose role may, and they end with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.server.machines.api_keys.test_own_api_keys import ADA, EVE, Page, page_of
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import Backend, TestServer

SETTINGS = {"api_keys": {"enabled": True, "organizations": True}, "organizations": {"enabled": True}}


@dataclass
class Acme:
    """An organization with an administrator and a member."""

    id: str
    admin: Page
    member: Page
    backend: Backend

    async def create(self, name: str = "deploy") -> dict[str, Any]:
        made = await self.admin.call("POST", "/api_keys", {"name": name, "subject": self.id})
        assert made.status_code == 201, made.text
        return made.json()

    async def verify(self, key: dict[str, Any]) -> Any:
        return await self.backend.post("/v1/api_keys/verify", secret=key["secret"])


@pytest.fixture
async def acme(server: TestServer) -> Acme:
    await configure(server, SETTINGS)
    admin, member = await page_of(server, ADA), await page_of(server, EVE)
    backend = server.backend()
    made = await backend.post("/v1/organizations", name="Acme", created_by=admin.user_id)
    organization_id = made.json()["id"]
    path = f"/v1/organizations/{organization_id}/memberships"
    await backend.post(path, user_id=member.user_id, role="org:member")
    return Acme(organization_id, admin, member, backend)


async def test_administrator_makes_a_key_for_the_organization(acme: Acme) -> None:
    made = await acme.create()

    verified = (await acme.verify(made)).json()
    listed = (await acme.admin.call("GET", "/api_keys", subject=acme.id)).json()

    assert (verified["subject"], verified["created_by"]) == (acme.id, acme.admin.user_id)
    assert [key["id"] for key in listed["data"]] == [made["id"]]
    assert await acme.admin.names() == [], "it is not one of their own"


async def test_member_without_the_permission_neither_sees_nor_makes_nor_ends_keys(acme: Acme) -> None:
    made = await acme.create()

    seen = await acme.member.call("GET", "/api_keys", subject=acme.id)
    forged = await acme.member.call("POST", "/api_keys", {"name": "mine", "subject": acme.id})
    changed = await acme.member.call("PATCH", f"/api_keys/{made['id']}", {"description": "mine"})
    ended = await acme.member.call("POST", f"/api_keys/{made['id']}/revoke", {})

    assert error_of(seen)[:2] == (404, "resource_not_found")
    assert error_of(forged) == (400, "form_param_value_invalid", "subject")
    assert error_of(changed)[:2] == error_of(ended)[:2] == (404, "resource_not_found")
    assert (await acme.verify(made)).status_code == 200


async def test_permission_to_read_lets_a_member_see_keys_only(acme: Acme) -> None:
    made = await acme.create()
    permissions = (await acme.backend.get("/v1/organization_permissions", limit=50)).json()["data"]
    read = next(one["id"] for one in permissions if one["key"] == "org:sys_api_keys:read")
    await acme.backend.post("/v1/organization_roles", name="Auditor", key="org:auditor", permissions=[read])
    path = f"/v1/organizations/{acme.id}/memberships/{acme.member.user_id}"
    assert (await acme.backend.patch(path, role="org:auditor")).status_code == 200

    seen = await acme.member.call("GET", "/api_keys", subject=acme.id)
    ended = await acme.member.call("POST", f"/api_keys/{made['id']}/revoke", {})

    assert [key["id"] for key in seen.json()["data"]] == [made["id"]]
    assert ended.status_code == 404


async def test_who_has_left_manages_no_keys_and_the_key_goes_on(acme: Acme) -> None:
    made = await acme.create()
    path = f"/v1/organizations/{acme.id}/memberships"
    await acme.backend.patch(f"{path}/{acme.member.user_id}", role="org:admin")
    assert (await acme.backend.delete(f"{path}/{acme.admin.user_id}")).status_code == 200

    ended = await acme.admin.call("POST", f"/api_keys/{made['id']}/revoke", {})

    assert ended.status_code == 404
    assert (await acme.verify(made)).status_code == 200


async def test_deleting_the_organization_ends_its_keys(acme: Acme) -> None:
    made = await acme.create()

    await acme.backend.delete(f"/v1/organizations/{acme.id}")

    assert error_of(await acme.verify(made))[:2] == (404, "resource_not_found")
    assert (await acme.backend.get(f"/v1/api_keys/{made['id']}")).status_code == 404


async def test_backend_gives_a_key_to_another_owner(acme: Acme) -> None:
    made = await acme.create()

    moved = await acme.backend.patch(f"/v1/api_keys/{made['id']}", subject=acme.admin.user_id)
    await acme.backend.delete(f"/v1/organizations/{acme.id}")

    assert moved.json()["subject"] == acme.admin.user_id
    assert (await acme.verify(made)).status_code == 200


async def test_backend_makes_no_key_for_a_neighbours_organization(acme: Acme, server: TestServer) -> None:
    neighbour = await server.neighbour()
    body = {"name": "deploy", "subject": acme.id}

    assert error_of(await neighbour.post("/v1/api_keys", **body)) == (
        400,
        "form_param_value_invalid",
        "subject",
    )


@pytest.mark.parametrize(
    "off", [{"api_keys": {"organizations": False}}, {"organizations": {"enabled": False}}]
)
async def test_organization_keys_cannot_be_managed_while_switched_off(
    acme: Acme, server: TestServer, off: dict[str, Any]
) -> None:
    await configure(server, off)

    refused = await acme.admin.call("POST", "/api_keys", {"name": "deploy", "subject": acme.id})

    assert error_of(refused) == (400, "form_param_value_invalid", "subject")


async def test_while_users_may_have_none_organizations_still_may(acme: Acme, server: TestServer) -> None:
    await configure(server, {"api_keys": {"users": False}})
    own = {"name": "laptop", "subject": acme.admin.user_id}

    refused = await acme.admin.call("POST", "/api_keys", own)

    assert error_of(refused) == (400, "form_param_value_invalid", "subject")
    assert (await acme.create())["subject"] == acme.id
