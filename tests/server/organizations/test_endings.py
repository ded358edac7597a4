"""Organizations and memberships that end, and what ends with them."""

from __future__ import annotations

import asyncio

from tests.support.answers import error_of
from tests.support.organizations import (
    Person,
    add_member,
    add_organization,
    enable_organizations,
    path_of,
    roles_of,
)
from tests.support.server import Backend, JsonObject, TestServer

NOT_FOUND = (404, "organization_not_found_or_unauthorized")


async def test_administrator_deletes_the_organization_where_that_is_allowed(
    enabled: TestServer, backend: Backend, acme: JsonObject, ada: Person
) -> None:
    await backend.patch(path_of(acme), admin_delete_enabled=False)
    by_organization = await ada.browser.delete(path_of(acme))
    await backend.patch(path_of(acme), admin_delete_enabled=True)
    await enable_organizations(enabled, admin_delete=False)
    by_instance = await ada.browser.delete(path_of(acme))
    await enable_organizations(enabled, admin_delete=True)
    deleted = await ada.browser.delete(path_of(acme))

    refused = (403, "organization_admin_delete_not_enabled")
    assert error_of(by_organization)[:2] == error_of(by_instance)[:2] == refused
    assert deleted.json()["response"] == {
        "object": "organization",
        "id": acme["id"],
        "slug": "acme",
        "deleted": True,
    }
    assert error_of(await ada.browser.get(path_of(acme)))[:2] == NOT_FOUND


async def test_deleted_user_is_no_member_any_more(
    backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    await add_member(backend, acme, bob.user_id)

    await backend.delete(f"/v1/users/{bob.user_id}")

    assert await roles_of(backend, acme) == {ada.user_id: "org:admin"}


async def test_user_who_is_added_and_deleted_at_once_is_no_member(
    backend: Backend, acme: JsonObject, ada: Person
) -> None:
    members = path_of(acme, "memberships")
    for number in range(5):
        user = await backend.add_user(f"user{number}@example.com")
        added, made, deleted = await asyncio.gather(
            backend.post(members, user_id=user["id"], role="org:member"),
            backend.post("/v1/organizations", name="Theirs", created_by=user["id"]),
            backend.delete(f"/v1/users/{user['id']}"),
        )
        assert deleted.status_code == 200
        assert added.status_code in (200, 404)
        assert made.status_code in (200, 400)

    assert await roles_of(backend, acme) == {ada.user_id: "org:admin"}


async def activate(backend: Backend, person: Person, organization: JsonObject) -> None:
    path = f"/v1/client/sessions/{person.session_id}/touch"
    answer = await person.browser.post(path, active_organization_id=organization["id"])
    assert answer.json()["response"]["last_active_organization_id"] == organization["id"], answer.text


async def active(backend: Backend, person: Person) -> str | None:
    return (await backend.get(f"/v1/sessions/{person.session_id}")).json()["last_active_organization_id"]


async def test_organization_is_active_no_more_for_whom_it_has_ended(
    backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    await add_member(backend, acme, bob.user_id)
    other = await add_organization(backend, "Other", created_by=bob.user_id)
    for person in (ada, bob):
        await activate(backend, person, acme)

    await ada.browser.delete(path_of(acme, "memberships", bob.user_id))
    after_removal = (await active(backend, bob), await active(backend, ada))
    await activate(backend, bob, other)
    await ada.browser.delete(path_of(acme))

    assert after_removal == (None, acme["id"])
    assert (await active(backend, bob), await active(backend, ada)) == (other["id"], None)
