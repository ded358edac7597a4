"""Organizations and their members, as members themselves see and manage them in browsers."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.answers import error_of
from tests.support.organizations import (
    Person,
    add_member,
    add_role,
    enable_organizations,
    path_of,
    roles_of,
    sign_up,
)
from tests.support.server import Backend, JsonObject, TestServer

NOT_FOUND = (404, "organization_not_found_or_unauthorized")
MISSING = (403, "missing_organization_permission")
LAST = (400, "organization_minimum_permissions_needed")


# --- what strangers and members may do ----------------------------------------------------------------------


async def every_operation(person: Person, organization: JsonObject, victim: str) -> dict[str, Any]:
    """The answers to all that a browser can ask about an organization, by what was asked."""
    browser, members = person.browser, path_of(organization, "memberships")
    return {
        "get": await browser.get(path_of(organization)),
        "update": await browser.patch(path_of(organization), name="Stolen"),
        "logo": await browser.delete(path_of(organization, "logo")),
        "add": await browser.post(members, user_id=person.user_id, role="org:admin"),
        "promote": await browser.patch(f"{members}/{person.user_id}", role="org:admin"),
        "demote": await browser.patch(f"{members}/{victim}", role="org:member"),
        "remove": await browser.delete(f"{members}/{victim}"),
        "members": await browser.get(members),
        "roles": await browser.get(path_of(organization, "roles")),
        "delete": await browser.delete(path_of(organization)),
    }


async def test_stranger_finds_no_organization(
    backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    answers = await every_operation(bob, acme, ada.user_id)
    unknown = await every_operation(bob, {"id": "org_" + "0" * 27}, ada.user_id)
    answers["leave"] = await bob.browser.delete(f"/v1/me/organization_memberships/{acme['id']}")

    for name, answer in answers.items():
        status = 403 if name in ("members", "roles") else 404
        assert error_of(answer)[:2] == (status, NOT_FOUND[1]), name
        if name != "leave":
            assert answer.json()["errors"] == unknown[name].json()["errors"]
    assert await roles_of(backend, acme) == {ada.user_id: "org:admin"}
    assert (await backend.get(path_of(acme))).json() == acme


async def test_plain_member_looks_and_changes_nothing(
    backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    await add_member(backend, acme, bob.user_id)

    answers = await every_operation(bob, acme, ada.user_id)

    for name in ("update", "logo", "add", "promote", "demote", "remove", "delete"):
        assert error_of(answers[name])[:2] == MISSING, name
    assert answers["update"].json()["errors"][0]["meta"] == {"permissions": ["org:sys_profile:manage"]}
    assert answers["get"].json()["response"]["members_count"] == 2
    listed = answers["members"].json()["response"]
    assert {one["public_user_data"]["user_id"] for one in listed} == {ada.user_id, bob.user_id}
    roles = answers["roles"].json()["response"]
    assert (roles["total_count"], {one["key"] for one in roles["data"]}) == (2, {"org:admin", "org:member"})
    assert await roles_of(backend, acme) == {ada.user_id: "org:admin", bob.user_id: "org:member"}
    assert (await backend.get(path_of(acme))).json() == acme


async def test_member_without_the_permission_does_not_see_the_others(
    backend: Backend, acme: JsonObject, bob: Person
) -> None:
    await add_role(backend, "org:guest")
    await add_member(backend, acme, bob.user_id, "org:guest")

    for what in ("memberships", "roles"):
        assert error_of(await bob.browser.get(path_of(acme, what)))[:2] == MISSING
    assert (await bob.browser.get(path_of(acme))).json()["response"]["id"] == acme["id"]


async def test_administrator_changes_the_organization(acme: JsonObject, ada: Person) -> None:
    changed = await ada.browser.patch(path_of(acme), name="New", slug="new")
    untouched = await ada.browser.patch(path_of(acme), name="New")

    assert [changed.json()["response"][name] for name in ("name", "slug")] == ["New", "new"]
    assert untouched.json()["response"]["slug"] == "new"


async def test_browser_changes_neither_limits_nor_metadata(
    backend: Backend, acme: JsonObject, ada: Person
) -> None:
    await ada.browser.patch(
        path_of(acme), max_allowed_memberships=9, public_metadata="{}", admin_delete_enabled="false"
    )

    now = (await backend.get(path_of(acme))).json()
    assert now == acme | {"updated_at": now["updated_at"]}


async def test_list_of_members_is_searched_filtered_and_in_pages(
    enabled: TestServer, backend: Backend, acme: JsonObject, ada: Person
) -> None:
    for name in ("bob", "eve"):
        user = await backend.add_user(f"{name}@example.org", first_name=name.title(), external_id=f"x-{name}")
        enabled.clock.advance(seconds=1)
        await add_member(backend, acme, user["id"])

    async def found(**query: Any) -> list[str]:
        answer = await ada.browser.get(path_of(acme, "memberships"), **query)
        assert answer.status_code == 200, answer.text
        response = answer.json()["response"]
        listed: list[JsonObject] = response["data"] if "paginated" in query else response
        return [one["public_user_data"]["identifier"].partition("@")[0] for one in listed]

    assert await found() == ["eve", "bob", "ada+clerk_test"]
    assert await found(limit=1, offset=1) == ["bob"]
    assert await found(query="BOB") == ["bob"]
    assert await found(query="example.org") == ["eve", "bob"]
    assert await found(query="x-bob") == [], "what the application calls a user is not for other members"
    assert await found(role=["org:admin"]) == ["ada+clerk_test"]
    assert await found(role=["org:admin", "org:member"], paginated="true", limit=2) == ["eve", "bob"]
    page = await ada.browser.get(path_of(acme, "memberships"), paginated="true", limit=1, query="example.org")
    assert page.json()["response"]["total_count"] == 2


# --- adding, changing, removing -----------------------------------------------------------------------------


async def test_administrator_adds_changes_and_removes_a_member(
    backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    members = path_of(acme, "memberships")

    added = (await ada.browser.post(members, user_id=bob.user_id, role="org:member")).json()["response"]
    again = await ada.browser.post(members, user_id=bob.user_id, role="org:admin")
    changed = (await ada.browser.patch(f"{members}/{bob.user_id}", role="org:admin")).json()["response"]
    removed = (await ada.browser.delete(f"{members}/{bob.user_id}")).json()["response"]

    assert (added["role"], added["organization"]["members_count"]) == ("org:member", 2)
    assert error_of(again)[:2] == (400, "already_a_member_in_organization")
    assert (changed["id"], changed["role"]) == (added["id"], "org:admin")
    assert "org:sys_profile:delete" in changed["permissions"]
    assert (removed["id"], removed["public_user_data"]["user_id"]) == (added["id"], bob.user_id)
    assert await roles_of(backend, acme) == {ada.user_id: "org:admin"}
    assert error_of(await bob.browser.get(path_of(acme)))[:2] == NOT_FOUND


async def test_unknown_users_and_roles_are_not_found(
    server: TestServer, backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    stranger = await (await server.neighbour()).add_user()

    foreign = await backend.post(path_of(acme, "memberships"), user_id=stranger["id"], role="org:member")
    role = await backend.post(path_of(acme, "memberships"), user_id=bob.user_id, role="org:nothing")
    unknown = await backend.patch(f"{path_of(acme, 'memberships')}/{bob.user_id}", role="org:admin")

    assert error_of(foreign)[:2] == error_of(unknown)[:2] == (404, "resource_not_found")
    assert error_of(role) == (404, "resource_not_found", "role")
    assert await roles_of(backend, acme) == {ada.user_id: "org:admin"}


async def test_roles_are_known_by_the_names_of_older_sdks(
    backend: Backend, acme: JsonObject, bob: Person
) -> None:
    added = await add_member(backend, acme, bob.user_id, "basic_member")
    changed = await backend.patch(path_of(acme, "memberships", bob.user_id), role="admin")

    assert (added["role"], changed.json()["role"]) == ("org:member", "org:admin")


async def test_full_organization_takes_no_more_members(
    backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    await backend.patch(path_of(acme), max_allowed_memberships=1)
    members = path_of(acme, "memberships")

    by_browser = await ada.browser.post(members, user_id=bob.user_id, role="org:member")
    by_backend = await backend.post(members, user_id=bob.user_id, role="org:member")

    refused = (403, "organization_membership_quota_exceeded")
    assert error_of(by_browser)[:2] == error_of(by_backend)[:2] == refused
    await backend.patch(path_of(acme), max_allowed_memberships=0)
    assert (await backend.post(members, user_id=bob.user_id, role="org:member")).status_code == 200


async def test_members_added_at_once_stay_within_the_limit(backend: Backend, acme: JsonObject) -> None:
    await backend.patch(path_of(acme), max_allowed_memberships=3)
    users = [await backend.add_user(f"user{number}@example.com") for number in range(6)]

    answers = await asyncio.gather(
        *(backend.post(path_of(acme, "memberships"), user_id=user["id"], role="org:member") for user in users)
    )

    assert sorted(answer.status_code for answer in answers) == [200, 200, 403, 403, 403, 403]
    assert len(await roles_of(backend, acme)) == 3


async def test_one_user_added_at_once_is_one_member(backend: Backend, acme: JsonObject, bob: Person) -> None:
    answers = await asyncio.gather(
        *(
            backend.post(path_of(acme, "memberships"), user_id=bob.user_id, role="org:member")
            for _ in range(4)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    assert len(await roles_of(backend, acme)) == 2


async def test_last_administrator_neither_leaves_nor_is_removed_nor_demoted(
    backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    await add_member(backend, acme, bob.user_id)
    own = path_of(acme, "memberships", ada.user_id)

    in_browser = [
        await ada.browser.delete(f"/v1/me/organization_memberships/{acme['id']}"),
        await ada.browser.delete(own),
        await ada.browser.patch(own, role="org:member"),
    ]
    by_backend = [await backend.delete(own), await backend.patch(own, role="org:member")]

    assert {error_of(answer)[:2] for answer in in_browser} == {LAST}
    assert {error_of(answer)[:2] for answer in by_backend} == {(422, LAST[1])}
    assert await roles_of(backend, acme) == {ada.user_id: "org:admin", bob.user_id: "org:member"}


async def test_administrator_leaves_when_there_is_another(
    backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    await add_member(backend, acme, bob.user_id, "org:admin")

    left = await ada.browser.delete(f"/v1/me/organization_memberships/{acme['id']}")

    assert (left.status_code, left.json()["response"]["deleted"]) == (200, True)
    assert await roles_of(backend, acme) == {bob.user_id: "org:admin"}
    assert (await ada.browser.get("/v1/me/organization_memberships")).json()["response"] == []


async def test_two_administrators_who_leave_at_once_do_not_both_leave(
    backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    await add_member(backend, acme, bob.user_id, "org:admin")
    path = f"/v1/me/organization_memberships/{acme['id']}"

    answers = await asyncio.gather(ada.browser.delete(path), bob.browser.delete(path))

    assert sorted(answer.status_code for answer in answers) == [200, 400]
    assert list((await roles_of(backend, acme)).values()) == ["org:admin"]


async def test_two_administrators_who_remove_each_other_at_once_do_not_both_go(
    backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    await add_member(backend, acme, bob.user_id, "org:admin")

    answers = await asyncio.gather(
        ada.browser.delete(path_of(acme, "memberships", bob.user_id)),
        bob.browser.delete(path_of(acme, "memberships", ada.user_id)),
    )

    assert sorted(answer.status_code for answer in answers)[0] == 200
    assert sorted(answer.status_code for answer in answers)[1] in (403, 404)
    assert list((await roles_of(backend, acme)).values()) == ["org:admin"]


async def test_manager_of_members_cannot_grant_a_higher_role_than_their_own(
    enabled: TestServer, backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    await add_role(backend, "org:manager", "org:sys_memberships:manage", "org:sys_memberships:read")
    await add_role(backend, "org:guest", "org:sys_memberships:read")
    await add_member(backend, acme, bob.user_id, "org:manager")
    eve = await sign_up(enabled, "eve")
    members = path_of(acme, "memberships")

    refused = [
        await bob.browser.patch(f"{members}/{bob.user_id}", role="org:admin"),
        await bob.browser.post(members, user_id=eve.user_id, role="org:admin"),
        await bob.browser.patch(f"{members}/{ada.user_id}", role="org:guest"),
        await bob.browser.delete(f"{members}/{ada.user_id}"),
    ]
    added = await bob.browser.post(members, user_id=eve.user_id, role="org:guest")
    promoted = await bob.browser.patch(f"{members}/{eve.user_id}", role="org:manager")

    assert {error_of(answer)[:2] for answer in refused} == {MISSING}
    assert (added.status_code, promoted.status_code) == (200, 200)
    assert await roles_of(backend, acme) == {
        ada.user_id: "org:admin",
        bob.user_id: "org:manager",
        eve.user_id: "org:manager",
    }


async def test_permission_counts_no_more_once_the_role_is_taken(
    backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    await add_member(backend, acme, bob.user_id, "org:admin")
    assert (await bob.browser.patch(path_of(acme), name="By Bob")).status_code == 200

    await ada.browser.patch(path_of(acme, "memberships", bob.user_id), role="org:member")

    assert error_of(await bob.browser.patch(path_of(acme), name="Again"))[:2] == MISSING


# --- while organizations are off ----------------------------------------------------------------------------


async def test_everything_is_refused_while_organizations_are_off(
    enabled: TestServer, backend: Backend, acme: JsonObject, ada: Person
) -> None:
    await enable_organizations(enabled, enabled=False)
    refused = (403, "organization_not_enabled_in_instance")

    answers = list((await every_operation(ada, acme, ada.user_id)).values())
    answers += [
        await ada.browser.post("/v1/organizations", name="Acme"),
        await ada.browser.get("/v1/me/organization_memberships"),
        await ada.browser.delete(f"/v1/me/organization_memberships/{acme['id']}"),
    ]

    assert {error_of(answer)[:2] for answer in answers} == {refused}
    await enable_organizations(enabled)
    assert (await backend.get(path_of(acme))).json() == acme


async def test_who_is_signed_out_is_told_so(enabled: TestServer, acme: JsonObject) -> None:
    stranger = Person(enabled.browser(), "user_" + "0" * 27, "")
    answers = await every_operation(stranger, acme, "user_" + "0" * 27)

    assert {answer.status_code for answer in answers.values()} == {401}
