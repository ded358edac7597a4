"""Memberships as the Backend API adds, lists, changes and ends them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.organizations import add_member, add_organization, add_role, enable_organizations
from tests.support.server import Backend, JsonObject, TestServer


@pytest.fixture
async def acme(backend: Backend) -> JsonObject:
    return await add_organization(backend, max_allowed_memberships=0)


def path_of(organization: JsonObject, *parts: str) -> str:
    return "/".join(("/v1/organizations", organization["id"], "memberships", *parts))


async def test_membership_is_shown_with_its_user_and_organization(backend: Backend, acme: JsonObject) -> None:
    user = await backend.add_user(first_name="Ada", username=None)

    made = await add_member(
        backend, acme, user["id"], public_metadata={"desk": 3}, private_metadata={"pay": 1}
    )

    assert (made["role"], made["role_name"]) == ("org:member", "Member")
    assert made["permissions"] == ["org:sys_billing:read", "org:sys_memberships:read"]
    assert (made["public_metadata"], made["private_metadata"]) == ({"desk": 3}, {"pay": 1})
    assert made["organization"] == acme
    person = made["public_user_data"]
    assert (person["user_id"], person["first_name"]) == (user["id"], "Ada")
    assert person["identifier"] == "ada@example.com"
    listed = {"data": [made], "total_count": 1}
    assert (await backend.get(path_of(acme))).json() == listed
    assert (await backend.get("/v1/organization_memberships")).json() == listed
    assert (await backend.get(f"/v1/users/{user['id']}/organization_memberships")).json() == listed


async def test_metadata_of_a_membership_is_merged(backend: Backend, acme: JsonObject) -> None:
    user = await backend.add_user()
    await add_member(backend, acme, user["id"], public_metadata={"a": {"b": 1}})
    path = path_of(acme, user["id"], "metadata")

    changed = (await backend.patch(path, public_metadata={"a": {"c": 2}}, private_metadata={"x": 1})).json()
    huge = await backend.patch(path, public_metadata={"x": "y" * 9000})
    unknown = await backend.patch(path_of(acme, "user_unknown", "metadata"), public_metadata={})

    assert (changed["public_metadata"], changed["private_metadata"]) == ({"a": {"b": 1, "c": 2}}, {"x": 1})
    assert error_of(huge) == (422, "form_param_exceeds_allowed_size", "public_metadata")
    assert error_of(unknown)[:2] == (404, "resource_not_found")


async def test_role_is_changed_and_membership_is_ended(backend: Backend, acme: JsonObject) -> None:
    user = await backend.add_user()
    made = await add_member(backend, acme, user["id"])

    changed = (await backend.patch(path_of(acme, user["id"]), role="org:admin")).json()
    other = await backend.add_user("bob@example.com")
    await add_member(backend, acme, other["id"], "org:admin")
    ended = await backend.delete(path_of(acme, user["id"]))
    again = await backend.delete(path_of(acme, user["id"]))

    assert (changed["id"], changed["role"]) == (made["id"], "org:admin")
    assert (ended.status_code, ended.json()["id"]) == (200, made["id"])
    assert error_of(again)[:2] == (404, "resource_not_found")


async def test_list_is_filtered_ordered_and_in_pages(
    server: TestServer, backend: Backend, acme: JsonObject
) -> None:
    await add_role(backend, "org:guest")
    users: dict[str, JsonObject] = {}
    for name, role in (("ada", "org:admin"), ("bob", "org:guest"), ("eve", "org:member")):
        users[name] = await backend.add_user(f"{name}@example.com", first_name=name.upper())
        server.clock.advance(seconds=1)
        await add_member(backend, acme, users[name]["id"], role)
    other = await add_organization(backend, "Other", created_by=users["ada"]["id"])

    async def found(**query: Any) -> list[str]:
        answer = await backend.get(path_of(acme), **query)
        assert answer.status_code == 200, answer.text
        return [one["public_user_data"]["first_name"].lower() for one in answer.json()["data"]]

    assert await found() == ["eve", "bob", "ada"]
    assert await found(order_by="+email_address") == ["ada", "bob", "eve"]
    assert await found(order_by="-first_name", limit=1, offset=1) == ["bob"]
    assert await found(role=["org:admin", "org:guest"], order_by="first_name") == ["ada", "bob"]
    assert await found(role=["org:nothing"]) == []
    assert await found(query="BOB") == ["bob"]
    assert await found(email_address=["eve@example.com"]) == ["eve"]
    assert await found(email_address_query="example") == ["eve", "bob", "ada"]
    assert await found(name_query="ad") == ["ada"]
    assert await found(user_id=[users["ada"]["id"]]) == ["ada"]
    assert await found(user_id=["-" + users["ada"]["id"]]) == ["eve", "bob"]
    assert await found(phone_number=["+15555550100"]) == []
    refused = await backend.get(path_of(acme), order_by="role")
    assert error_of(refused) == (422, "form_param_value_invalid", "order_by")
    everywhere = (await backend.get("/v1/organization_memberships", limit=2)).json()
    assert (len(everywhere["data"]), everywhere["total_count"]) == (2, 4)
    assert everywhere["data"][0]["organization"]["id"] in (acme["id"], other["id"])
    own = (await backend.get(f"/v1/users/{users['ada']['id']}/organization_memberships", limit=1)).json()
    assert (own["data"][0]["organization"]["id"], own["total_count"]) == (other["id"], 2)


async def test_lists_of_nothing_are_not_found(server: TestServer, backend: Backend, acme: JsonObject) -> None:
    neighbour = await server.neighbour()
    await enable_organizations(server)

    for path in (path_of(acme), "/v1/users/user_unknown/organization_memberships"):
        assert error_of(await neighbour.get(path))[:2] == (404, "resource_not_found")
    assert (await neighbour.get("/v1/organization_memberships")).json() == {"data": [], "total_count": 0}


async def test_everything_is_refused_while_organizations_are_off(
    server: TestServer, backend: Backend, acme: JsonObject
) -> None:
    user = await backend.add_user()
    await add_member(backend, acme, user["id"])
    await enable_organizations(server, enabled=False)
    organization, one = f"/v1/organizations/{acme['id']}", path_of(acme, user["id"])
    role, permission = "/v1/organization_roles", "/v1/organization_permissions"

    answers = [
        await backend.get("/v1/organizations"),
        await backend.post("/v1/organizations", name="Acme"),
        await backend.get(organization),
        await backend.patch(organization, name="New"),
        await backend.delete(organization),
        await backend.patch(f"{organization}/metadata", public_metadata={}),
        await backend.put(f"{organization}/metadata", public_metadata={}),
        await backend.delete(f"{organization}/logo"),
        await backend.get(path_of(acme)),
        await backend.post(path_of(acme), user_id=user["id"], role="org:member"),
        await backend.patch(one, role="org:admin"),
        await backend.delete(one),
        await backend.patch(f"{one}/metadata", public_metadata={}),
        await backend.get("/v1/organization_memberships"),
        await backend.get(f"/v1/users/{user['id']}/organization_memberships"),
        await backend.get(role),
        await backend.post(role, name="Guest", key="org:guest"),
        await backend.get(f"{role}/role_1"),
        await backend.patch(f"{role}/role_1", name="Guest"),
        await backend.delete(f"{role}/role_1"),
        await backend.post(f"{role}/role_1/permissions/perm_1"),
        await backend.delete(f"{role}/role_1/permissions/perm_1"),
        await backend.get(permission),
        await backend.post(permission, name="Read", key="org:team:read"),
        await backend.get(f"{permission}/perm_1"),
        await backend.patch(f"{permission}/perm_1", name="Read"),
        await backend.delete(f"{permission}/perm_1"),
    ]

    assert {error_of(answer)[:2] for answer in answers} == {(403, "organization_not_enabled_in_instance")}
    await enable_organizations(server)
    assert (await backend.get(path_of(acme))).json()["total_count"] == 1
