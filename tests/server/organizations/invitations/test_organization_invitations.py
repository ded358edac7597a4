"""Invitations to organizations: sent by members and by backends, accepted by the address's user."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.organizations import (
    Person,
    add_member,
    add_organization,
    add_role,
    enable_organizations,
    sign_up,
)
from tests.support.server import APP_ORIGIN, Backend, JsonObject, TestServer

BOB = "bob+clerk_test@example.com"
DAY = 24 * 3600


@pytest.fixture
async def acme(backend: Backend, ada: Person) -> JsonObject:
    return await add_organization(backend, created_by=ada.user_id, max_allowed_memberships=0)


def path_of(organization: JsonObject, *parts: str) -> str:
    return "/".join(("/v1/organizations", organization["id"], "invitations", *parts))


async def invite(backend: Backend, organization: JsonObject, address: str = BOB, **fields: Any) -> JsonObject:
    body = {"email_address": address, "role": "org:member"} | fields
    answer = await backend.post(path_of(organization), **body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def own_invitations(person: Person, **query: Any) -> list[JsonObject]:
    answer = await person.browser.get("/v1/me/organization_invitations", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()["response"]["data"]


async def accept(person: Person, invitation: JsonObject) -> Any:
    return await person.browser.post(f"/v1/me/organization_invitations/{invitation['id']}/accept")


async def role_of(backend: Backend, organization: JsonObject, user_id: str) -> str | None:
    path = f"/v1/organizations/{organization['id']}/memberships"
    listed = (await backend.get(path, user_id=[user_id])).json()["data"]
    return listed[0]["role"] if listed else None


async def test_member_invites_and_the_invited_accepts(
    enabled: TestServer, backend: Backend, acme: JsonObject, ada: Person
) -> None:
    sent = await ada.browser.post(path_of(acme), email_address="Bob@Example.com", role="org:admin")
    mail = (await enabled.messages("Bob@Example.com"))[0]
    await backend.add_user("bob@example.com")
    bob = await sign_up(enabled, "bob")
    nothing = await own_invitations(bob)
    again = await ada.browser.post(path_of(acme), email_address=BOB, role="org:admin")
    shown = await own_invitations(bob, status="pending")
    accepted = await accept(bob, shown[0])

    made = sent.json()["response"]
    assert (made["status"], made["role"], made["role_name"]) == ("pending", "org:admin", "Admin")
    assert "private_metadata" not in made
    assert mail["subject"] == "You are invited to join Acme on My application"
    assert mail["links"] == [made["url"]]
    assert nothing == [], "to another address"
    assert [one["id"] for one in shown] == [again.json()["response"]["id"]]
    assert shown[0]["public_organization_data"]["name"] == "Acme"
    assert accepted.json()["response"]["status"] == "accepted"
    memberships = accepted.json()["client"]["sessions"][0]["user"]["organization_memberships"]
    assert [one["organization"]["id"] for one in memberships] == [acme["id"]]
    assert await role_of(backend, acme, bob.user_id) == "org:admin"
    assert error_of(await accept(bob, shown[0]))[:2] == (404, "resource_not_found")


async def test_metadata_of_the_invitation_become_the_memberships(
    backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    made = await invite(
        backend,
        acme,
        inviter_user_id=ada.user_id,
        public_metadata={"desk": 3},
        private_metadata={"pay": 1},
        redirect_url=f"{APP_ORIGIN}/join",
        expires_in_days=7,
    )
    await accept(bob, made)

    assert (made["inviter_id"], made["public_inviter_data"]["user_id"]) == (ada.user_id, ada.user_id)
    assert (made["url"], made["expires_at"] - made["created_at"]) == (f"{APP_ORIGIN}/join", 7 * DAY * 1000)
    path = f"/v1/organizations/{acme['id']}/memberships"
    member = (await backend.get(path, user_id=[bob.user_id])).json()["data"][0]
    assert (member["public_metadata"], member["private_metadata"]) == ({"desk": 3}, {"pay": 1})
    ended = (await backend.get(path_of(acme, made["id"]))).json()
    assert (ended["status"], ended["url"]) == ("accepted", None)


async def test_user_who_has_not_verified_the_address_cannot_accept(
    enabled: TestServer, backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    reserved = "eve+clerk_test@example.com"
    made = await invite(backend, acme, reserved)
    await bob.browser.post("/v1/me/email_addresses", email_address=reserved)
    unverified = await accept(bob, made)
    await backend.post(
        "/v1/users",
        email_address=["carl@example.com"],
        skip_password_requirement=True,
    )

    assert error_of(unverified)[:2] == (404, "resource_not_found")
    assert await own_invitations(bob) == []
    assert error_of(await accept(ada, made))[:2] == (404, "resource_not_found")
    assert await role_of(backend, acme, bob.user_id) is None


async def test_invitation_ends_when_it_is_revoked_or_its_time_is_over(
    enabled: TestServer, backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    revoked = await invite(backend, acme)
    answer = await ada.browser.post(path_of(acme, revoked["id"], "revoke"))
    again = await ada.browser.post(path_of(acme, revoked["id"], "revoke"))
    expired = await invite(backend, acme, expires_in_days=1)
    enabled.clock.advance(seconds=DAY)

    assert (answer.json()["response"]["status"], answer.json()["response"]["url"]) == ("revoked", None)
    assert error_of(again)[:2] == (404, "resource_not_found")
    for one in (revoked, expired):
        assert error_of(await accept(bob, one))[:2] == (404, "resource_not_found")
    assert {one["status"] for one in await own_invitations(bob)} == {"revoked", "expired"}
    assert await role_of(backend, acme, bob.user_id) is None


async def test_who_is_invited_or_a_member_is_not_invited_again(
    enabled: TestServer, backend: Backend, acme: JsonObject, ada: Person
) -> None:
    await invite(backend, acme)
    both = [BOB.upper(), "new@example.com"]

    invited = await ada.browser.post(path_of(acme, "bulk"), email_address=both, role="org:member")
    member = await ada.browser.post(
        path_of(acme), email_address="ada+clerk_test@example.com", role="org:member"
    )
    twice = await backend.call(
        "POST",
        path_of(acme, "bulk"),
        [{"email_address": "new@example.com", "role": "org:member"}] * 2,
    )

    # The browser components name the addresses of the former code; the latter is the published one.
    assert error_of(invited)[:2] == (400, "duplicate_record")
    assert error_of(twice)[:2] == (400, "organization_invitation_not_unique")
    assert [one.casefold() for one in invited.json()["errors"][0]["meta"]["email_addresses"]] == [BOB]
    assert error_of(member)[:2] == (400, "already_a_member_in_organization")
    assert (await backend.get(path_of(acme))).json()["total_count"] == 1
    enabled.clock.advance(seconds=31 * DAY)
    assert (await invite(backend, acme))["status"] == "pending"


async def test_parallel_invitations_to_one_address_are_one(backend: Backend, acme: JsonObject) -> None:
    answers = await asyncio.gather(
        *(backend.post(path_of(acme), email_address=BOB, role="org:member") for _ in range(4))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


async def test_parallel_acceptances_make_one_membership(
    backend: Backend, acme: JsonObject, bob: Person
) -> None:
    made = await invite(backend, acme)

    answers = await asyncio.gather(*(accept(bob, made) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]
    assert await role_of(backend, acme, bob.user_id) == "org:member"


async def test_invitations_count_towards_the_limit(
    backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    await backend.patch(f"/v1/organizations/{acme['id']}", max_allowed_memberships=2)
    made = await invite(backend, acme)
    other = await ada.browser.post(path_of(acme), email_address="new@example.com", role="org:member")
    members = f"/v1/organizations/{acme['id']}/memberships"
    added = await backend.post(members, user_id=bob.user_id, role="org:member")
    await backend.patch(f"/v1/organizations/{acme['id']}", max_allowed_memberships=1)
    full = await accept(bob, made)
    await backend.patch(f"/v1/organizations/{acme['id']}", max_allowed_memberships=2)

    refused = "organization_membership_quota_exceeded"
    assert error_of(other)[:2] == error_of(added)[:2] == (403, refused)
    assert error_of(full)[:2] == (422, refused)
    assert (await accept(bob, made)).status_code == 200


async def test_members_without_the_permission_and_strangers_cannot_invite(
    enabled: TestServer, backend: Backend, acme: JsonObject, bob: Person
) -> None:
    made = await invite(backend, acme, "new@example.com")

    async def answers() -> list[Any]:
        return [
            await bob.browser.post(path_of(acme), email_address=BOB, role="org:admin"),
            await bob.browser.post(path_of(acme, "bulk"), email_address=[BOB], role="org:admin"),
            await bob.browser.get(path_of(acme)),
            await bob.browser.post(path_of(acme, made["id"], "revoke")),
        ]

    as_stranger = await answers()
    await add_member(backend, acme, bob.user_id)
    as_member = await answers()
    pending = await bob.browser.get(path_of(acme, "pending"))

    assert {error_of(answer)[:2] for answer in as_stranger} == {
        (404, "organization_not_found_or_unauthorized")
    }
    assert {error_of(answer)[:2] for answer in [*as_member, pending]} == {
        (403, "missing_organization_permission")
    }
    assert (await backend.get(path_of(acme))).json()["total_count"] == 1


async def test_manager_of_members_cannot_invite_to_a_higher_role_than_their_own(
    backend: Backend, acme: JsonObject, bob: Person
) -> None:
    await add_role(backend, "org:manager", "org:sys_memberships:manage")
    await add_member(backend, acme, bob.user_id, "org:manager")

    refused = await bob.browser.post(path_of(acme), email_address="new@example.com", role="org:admin")
    by_name = await backend.post(
        path_of(acme), email_address="new@example.com", role="org:admin", inviter_user_id=bob.user_id
    )
    allowed = await bob.browser.post(path_of(acme), email_address="new@example.com", role="org:manager")

    assert error_of(refused)[:2] == error_of(by_name)[:2] == (403, "missing_organization_permission")
    assert allowed.status_code == 200


async def test_invitations_are_listed_in_pages_and_by_status(
    enabled: TestServer, backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    other = await add_organization(backend, "Other")
    for address in ("a@example.com", "b@example.com", BOB):
        await invite(backend, acme, address)
        enabled.clock.advance(seconds=1)
    elsewhere = await invite(backend, other)
    await accept(bob, elsewhere)

    async def addresses(path: str, **query: Any) -> list[str]:
        answer = await backend.get(path, **query)
        assert answer.status_code == 200, answer.text
        return [one["email_address"] for one in answer.json()["data"]]

    assert await addresses(path_of(acme)) == [BOB, "b@example.com", "a@example.com"]
    assert await addresses(path_of(acme), order_by="+email_address", limit=1) == ["a@example.com"]
    assert await addresses(path_of(acme), email_address="B@example.com") == ["b@example.com"]
    assert await addresses(path_of(acme, "pending"), limit=2, offset=1) == ["b@example.com", "a@example.com"]
    assert await addresses("/v1/organization_invitations", status="accepted") == [BOB]
    assert await addresses("/v1/organization_invitations", query="example.com", limit=1) == [BOB]
    assert await addresses(f"/v1/users/{bob.user_id}/organization_invitations") == [BOB, BOB]
    page = (await ada.browser.get(path_of(acme), status="pending", limit=1)).json()["response"]
    assert (page["total_count"], len(page["data"])) == (3, 1)
    pending = (await ada.browser.get(path_of(acme, "pending"))).json()["response"]
    assert len(pending) == 3
    shown = (await ada.browser.get(f"/v1/organizations/{acme['id']}")).json()["response"]
    assert shown["pending_invitations_count"] == 3


async def test_what_is_wrong_is_told(
    server: TestServer, backend: Backend, acme: JsonObject, bob: Person
) -> None:
    neighbour = await server.neighbour()
    await enable_organizations(server)
    made = await invite(backend, acme)

    answers = {
        "address": await backend.post(path_of(acme), email_address="no", role="org:member"),
        "role": await backend.post(path_of(acme), email_address="x@example.com", role="org:nothing"),
        "redirect": await backend.post(
            path_of(acme),
            email_address="x@example.com",
            role="org:member",
            redirect_url="https://evil.example",
        ),
        "inviter": await backend.post(
            path_of(acme), email_address="x@example.com", role="org:member", inviter_user_id=bob.user_id
        ),
        "none": await backend.call("POST", path_of(acme, "bulk"), []),
        "many": await backend.call(
            "POST",
            path_of(acme, "bulk"),
            [{"email_address": f"{n}@example.com", "role": "org:member"} for n in range(11)],
        ),
        "foreign": await neighbour.get(path_of(acme, made["id"])),
        "other": await backend.get(path_of(await add_organization(backend), made["id"])),
    }

    assert {name: error_of(answer)[:2] for name, answer in answers.items()} == {
        "address": (422, "form_param_format_invalid"),
        "role": (404, "resource_not_found"),
        "redirect": (422, "form_param_format_invalid"),
        "inviter": (403, "missing_organization_permission"),
        "none": (422, "form_param_format_invalid"),
        "many": (422, "form_param_format_invalid"),
        "foreign": (404, "resource_not_found"),
        "other": (404, "resource_not_found"),
    }
    assert (await backend.get(path_of(acme))).json()["total_count"] == 1


async def test_role_of_a_pending_invitation_is_not_deleted(backend: Backend, acme: JsonObject) -> None:
    role = await add_role(backend, "org:guest")
    made = await invite(backend, acme, role="org:guest")
    path = f"/v1/organization_roles/{role['id']}"

    refused = await backend.delete(path)
    await backend.post(path_of(acme, made["id"], "revoke"))

    assert error_of(refused)[:2] == (422, "organization_role_exists_in_invitations")
    assert (await backend.delete(path)).status_code == 200


async def test_backend_revokes_in_the_name_of_a_member(
    backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    made = await invite(backend, acme)
    path = path_of(acme, made["id"], "revoke")

    by_stranger = await backend.post(path, requesting_user_id=bob.user_id)
    by_member = await backend.post(path, requesting_user_id=ada.user_id)
    again = await backend.post(path)

    assert error_of(by_stranger)[:2] == (403, "missing_organization_permission")
    assert by_member.json()["status"] == "revoked"
    assert error_of(again)[:2] == (404, "resource_not_found")


async def test_everything_is_refused_while_organizations_are_off(
    enabled: TestServer, backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    made = await invite(backend, acme)
    await enable_organizations(enabled, enabled=False)
    one = {"email_address": "new@example.com", "role": "org:member"}

    answers = [
        await ada.browser.post(path_of(acme), **one),
        await ada.browser.post(path_of(acme, "bulk"), **one),
        await ada.browser.get(path_of(acme)),
        await ada.browser.get(path_of(acme, "pending")),
        await ada.browser.post(path_of(acme, made["id"], "revoke")),
        await bob.browser.get("/v1/me/organization_invitations"),
        await accept(bob, made),
        await backend.post(path_of(acme), **one),
        await backend.call("POST", path_of(acme, "bulk"), [one]),
        await backend.get(path_of(acme)),
        await backend.get(path_of(acme, "pending")),
        await backend.get(path_of(acme, made["id"])),
        await backend.post(path_of(acme, made["id"], "revoke")),
        await backend.get("/v1/organization_invitations"),
        await backend.get(f"/v1/users/{bob.user_id}/organization_invitations"),
    ]

    assert {error_of(answer)[:2] for answer in answers} == {(403, "organization_not_enabled_in_instance")}
    await enable_organizations(enabled)
    assert (await backend.get(path_of(acme))).json()["total_count"] == 1


async def test_wrong_pages_are_refused_as_each_contract_has_it(
    backend: Backend, acme: JsonObject, ada: Person, bob: Person
) -> None:
    statuses = [
        (await backend.get(path_of(acme), limit=0)).status_code,
        (await backend.get(path_of(acme, "pending"), limit=0)).status_code,
        (await backend.get(f"/v1/users/{bob.user_id}/organization_invitations", limit=0)).status_code,
        (await backend.get("/v1/organization_invitations", status="lost")).status_code,
        (await ada.browser.get(path_of(acme), limit=501)).status_code,
        (await bob.browser.get(path_of(acme, "pending"))).status_code,
    ]

    assert statuses == [422, 400, 400, 422, 422, 403]
