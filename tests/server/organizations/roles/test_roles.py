"""Roles and permissions of an instance: those it begins with, and those its backend adds."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.answers import error_of, errors_of
from tests.support.organizations import (
    Person,
    add_member,
    add_organization,
    add_role,
    enable_organizations,
)
from tests.support.server import Backend, JsonObject, TestServer

ROLES, PERMISSIONS = "/v1/organization_roles", "/v1/organization_permissions"
NEEDED = ("org:sys_memberships:manage", "org:sys_memberships:read", "org:sys_profile:delete")


async def by_key(backend: Backend, path: str) -> dict[str, JsonObject]:
    answer = await backend.get(path, limit=100)
    assert answer.status_code == 200, answer.text
    return {one["key"]: one for one in answer.json()["data"]}


async def add_permission(backend: Backend, key: str = "org:invoices:create") -> JsonObject:
    answer = await backend.post(PERMISSIONS, name=key, key=key, description="Of the application.")
    assert answer.status_code == 200, answer.text
    return answer.json()


def keys_of(role: JsonObject) -> set[str]:
    return {permission["key"] for permission in role["permissions"]}


async def test_every_instance_begins_with_the_same(server: TestServer, backend: Backend) -> None:
    roles, permissions = await by_key(backend, ROLES), await by_key(backend, PERMISSIONS)
    neighbour = await server.neighbour()
    await enable_organizations(server)
    theirs = await by_key(neighbour, ROLES)

    assert set(roles) == set(theirs) == {"org:admin", "org:member"}
    assert {one["id"] for one in roles.values()}.isdisjoint(one["id"] for one in theirs.values())
    assert {one["type"] for one in permissions.values()} == {"system"}
    assert keys_of(roles["org:admin"]) == set(permissions)
    assert (roles["org:admin"]["is_creator_eligible"], roles["org:member"]["is_creator_eligible"]) == (
        True,
        False,
    )
    assert (await backend.get(f"{ROLES}/{roles['org:admin']['id']}")).json() == roles["org:admin"]
    one = permissions["org:sys_profile:delete"]
    assert (await backend.get(f"{PERMISSIONS}/{one['id']}")).json() == one
    assert error_of(await neighbour.get(f"{ROLES}/{roles['org:admin']['id']}"))[:2] == (
        404,
        "resource_not_found",
    )
    assert error_of(await neighbour.get(f"{PERMISSIONS}/{one['id']}"))[:2] == (404, "resource_not_found")


async def test_requests_that_come_first_at_once_write_them_once(backend: Backend) -> None:
    answers = await asyncio.gather(
        *(backend.get(path) for path in (ROLES, PERMISSIONS, ROLES, PERMISSIONS)),
        *(backend.post("/v1/organizations", name="Acme") for _ in range(2)),
    )

    assert {answer.status_code for answer in answers} == {200}
    assert (await backend.get(ROLES)).json()["total_count"] == 2
    assert (await backend.get(PERMISSIONS)).json()["total_count"] == 11


async def test_role_is_made_with_permissions_changed_and_deleted(backend: Backend) -> None:
    permission = await add_permission(backend)
    system = (await by_key(backend, PERMISSIONS))["org:sys_memberships:read"]

    made = (
        await backend.post(
            ROLES,
            name="Biller",
            key="org:biller",
            description="Writes invoices.",
            permissions=[permission["id"], permission["id"], system["id"]],
            include_in_initial_role_set=True,
        )
    ).json()
    changed = (await backend.patch(f"{ROLES}/{made['id']}", name="B", key="org:b_2", description=None)).json()
    emptied = (await backend.patch(f"{ROLES}/{made['id']}", permissions=[])).json()
    deleted = await backend.delete(f"{ROLES}/{made['id']}")

    assert (made["name"], made["key"], made["description"]) == ("Biller", "org:biller", "Writes invoices.")
    assert keys_of(made) == {"org:invoices:create", "org:sys_memberships:read"}
    assert (changed["name"], changed["key"], changed["description"]) == ("B", "org:b_2", "")
    assert (keys_of(changed), keys_of(emptied)) == (keys_of(made), set())
    assert deleted.json() == {"object": "role", "id": made["id"], "deleted": True}
    assert error_of(await backend.get(f"{ROLES}/{made['id']}"))[:2] == (404, "resource_not_found")


@pytest.mark.parametrize("key", ["biller", "org:Biller", "org:", "org:a:b", "org:a-b", "org:" + "x" * 61, ""])
async def test_key_of_a_role_has_a_form(backend: Backend, key: str) -> None:
    answer = await backend.post(ROLES, name="", key=key)

    assert errors_of(answer) == {"name": "form_param_nil", "key": "form_param_format_invalid"}
    assert set(await by_key(backend, ROLES)) == {"org:admin", "org:member"}


async def test_keys_differ(backend: Backend) -> None:
    made = await add_role(backend, "org:biller")
    permission = await add_permission(backend)
    other = await add_permission(backend, "org:invoices:read")

    answers = [
        await backend.post(ROLES, name="Other", key="org:biller"),
        await backend.patch(f"{ROLES}/{made['id']}", key="org:admin"),
        await backend.post(PERMISSIONS, name="Other", key="org:invoices:create"),
        await backend.patch(f"{PERMISSIONS}/{other['id']}", key=permission["key"]),
    ]

    assert {error_of(answer) for answer in answers} == {(422, "form_identifier_exists", "key")}


async def test_role_with_an_unknown_permission_is_not_made(server: TestServer, backend: Backend) -> None:
    neighbour = await server.neighbour()
    await enable_organizations(server)
    foreign = await add_permission(neighbour)

    answer = await backend.post(ROLES, name="Biller", key="org:biller", permissions=[foreign["id"]])

    assert error_of(answer)[:2] == (404, "resource_not_found")
    assert "org:biller" not in await by_key(backend, ROLES)


async def test_permission_is_assigned_once_and_removed(backend: Backend) -> None:
    role, permission = await add_role(backend, "org:biller"), await add_permission(backend)
    path = f"{ROLES}/{role['id']}/permissions/{permission['id']}"

    assigned = await backend.post(path)
    again = await backend.post(path)
    removed = await backend.delete(path)
    gone = await backend.delete(path)

    assert keys_of(assigned.json()) == {"org:invoices:create"}
    assert error_of(again)[:2] == (409, "organization_role_permission_association_exists")
    assert keys_of(removed.json()) == set()
    assert error_of(gone)[:2] == (404, "resource_not_found")


async def test_what_a_role_allows_reaches_its_members_at_once(backend: Backend, ada: Person) -> None:
    role, permission = await add_role(backend, "org:biller"), await add_permission(backend)
    acme = await add_organization(backend)
    await add_member(backend, acme, ada.user_id, "org:biller")

    await backend.post(f"{ROLES}/{role['id']}/permissions/{permission['id']}")

    own = (await ada.browser.get("/v1/me/organization_memberships")).json()["response"]
    assert own[0]["permissions"] == ["org:invoices:create"]
    await backend.delete(f"{PERMISSIONS}/{permission['id']}")
    own = (await ada.browser.get("/v1/me/organization_memberships")).json()["response"]
    assert own[0]["permissions"] == []


async def test_creators_role_keeps_what_an_administrator_needs(backend: Backend) -> None:
    admin = (await by_key(backend, ROLES))["org:admin"]
    needed = next(one for one in admin["permissions"] if one["key"] == "org:sys_memberships:manage")
    path = f"{ROLES}/{admin['id']}"

    answers = [
        await backend.patch(path, permissions=[]),
        await backend.patch(path, key="org:boss", permissions=[]),
        await backend.delete(f"{path}/permissions/{needed['id']}"),
    ]
    others = [one["id"] for one in admin["permissions"] if one["key"] in NEEDED]
    fewer = await backend.patch(path, permissions=others)

    assert {error_of(answer)[:2] for answer in answers} == {
        (422, "organization_missing_creator_role_permissions")
    }
    assert keys_of(fewer.json()) == set(NEEDED)


async def test_role_in_use_is_not_deleted(backend: Backend, ada: Person) -> None:
    roles = await by_key(backend, ROLES)
    guest = await add_role(backend, "org:guest")
    acme = await add_organization(backend)
    await add_member(backend, acme, ada.user_id, "org:guest")

    creator = await backend.delete(f"{ROLES}/{roles['org:admin']['id']}")
    domains = await backend.delete(f"{ROLES}/{roles['org:member']['id']}")
    members = await backend.delete(f"{ROLES}/{guest['id']}")
    await backend.delete(f"/v1/organizations/{acme['id']}/memberships/{ada.user_id}")

    assert error_of(creator)[:2] == (422, "organization_role_default_creator_role")
    assert error_of(domains)[:2] == (422, "organization_role_domain_default_role")
    assert error_of(members)[:2] == (422, "organization_role_assigned_members")
    assert (await backend.delete(f"{ROLES}/{guest['id']}")).status_code == 200


async def test_role_that_is_given_and_deleted_at_once_is_one_or_the_other(
    backend: Backend, ada: Person
) -> None:
    guest = await add_role(backend, "org:guest")
    acme = await add_organization(backend)
    body = {"user_id": ada.user_id, "role": "org:guest"}

    given, deleted = await asyncio.gather(
        backend.post(f"/v1/organizations/{acme['id']}/memberships", **body),
        backend.delete(f"{ROLES}/{guest['id']}"),
    )

    assert (given.status_code, deleted.status_code) in ((200, 422), (404, 200))


async def test_permission_that_is_given_and_deleted_at_once_is_one_or_the_other(backend: Backend) -> None:
    role = await add_role(backend, "org:biller")
    for number in range(5):
        permission = await add_permission(backend, f"org:bills:a{number}")
        given, deleted = await asyncio.gather(
            backend.post(f"{ROLES}/{role['id']}/permissions/{permission['id']}"),
            backend.delete(f"{PERMISSIONS}/{permission['id']}"),
        )
        assert given.status_code in (200, 404)
        assert deleted.status_code == 200

    assert keys_of((await backend.get(f"{ROLES}/{role['id']}")).json()) == set()


async def test_settings_follow_the_key_of_the_creators_role(
    server: TestServer, backend: Backend, ada: Person
) -> None:
    admin = (await by_key(backend, ROLES))["org:admin"]

    assert (await backend.patch(f"{ROLES}/{admin['id']}", key="org:boss")).status_code == 200
    await server.app.poll()
    await ada.browser.post("/v1/organizations", name="Acme")

    own = (await ada.browser.get("/v1/me/organization_memberships")).json()["response"]
    assert own[0]["role"] == "org:boss"
    settings = (await ada.browser.get("/v1/environment")).json()["organization_settings"]
    assert settings["creator_role"] == "org:boss"


async def test_permission_is_made_changed_and_deleted(backend: Backend) -> None:
    made = await add_permission(backend)
    path = f"{PERMISSIONS}/{made['id']}"

    changed = (await backend.patch(path, name="Bill", key="org:bills:write", description="New.")).json()
    deleted = await backend.delete(path)

    assert (made["key"], made["type"], made["description"]) == (
        "org:invoices:create",
        "user",
        "Of the application.",
    )
    assert (changed["name"], changed["key"], changed["description"]) == ("Bill", "org:bills:write", "New.")
    assert deleted.json() == {"object": "permission", "id": made["id"], "deleted": True}
    assert error_of(await backend.get(path))[:2] == (404, "resource_not_found")


@pytest.mark.parametrize(
    "key",
    [
        "org:invoices",
        "invoices:create",
        "org:sys_invoices:create",
        "org:a:b:c",
        "org:A:b",
        "org:a,b:c",
        "org::b",
    ],
)
async def test_key_of_a_permission_has_a_form(backend: Backend, key: str) -> None:
    made = await add_permission(backend)

    answers = [
        await backend.post(PERMISSIONS, name="Read", key=key),
        await backend.patch(f"{PERMISSIONS}/{made['id']}", key=key),
    ]

    assert {error_of(answer) for answer in answers} == {(422, "form_param_format_invalid", "key")}


async def test_permissions_of_the_system_stay(backend: Backend) -> None:
    one = (await by_key(backend, PERMISSIONS))["org:sys_profile:manage"]
    path = f"{PERMISSIONS}/{one['id']}"

    answers = [await backend.patch(path, name="Mine"), await backend.delete(path)]

    refused = (403, "organization_system_permission_not_modifiable")
    assert {error_of(answer)[:2] for answer in answers} == {refused}
    assert (await backend.get(path)).json() == one


async def test_lists_are_searched_ordered_and_in_pages(backend: Backend) -> None:
    await add_role(backend, "org:biller")
    await add_permission(backend)

    async def found(path: str, **query: Any) -> list[str]:
        answer = await backend.get(path, **query)
        assert answer.status_code == 200, answer.text
        return [one["key"] for one in answer.json()["data"]]

    assert await found(ROLES, order_by="key") == ["org:admin", "org:biller", "org:member"]
    assert await found(ROLES, order_by="-name", limit=1, offset=1) == ["org:member"]
    assert await found(ROLES, query="BILL") == ["org:biller"]
    assert await found(PERMISSIONS, query="invoices") == ["org:invoices:create"]
    assert await found(PERMISSIONS, order_by="+key", limit=1) == ["org:invoices:create"]
    assert len(await found(PERMISSIONS)) == 10
    for path in (ROLES, PERMISSIONS):
        refused = await backend.get(path, order_by="type")
        assert error_of(refused) == (422, "form_param_value_invalid", "order_by")
