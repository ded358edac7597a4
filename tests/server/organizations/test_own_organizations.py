"""Organizations that users make by themselves, and how many."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.answers import error_of, errors_of
from tests.support.configuring import configure
from tests.support.organizations import (
    Person,
    add_role,
    enable_organizations,
)
from tests.support.server import Backend, JsonObject, TestServer


async def make(person: Person, name: str = "Acme", **fields: Any) -> JsonObject:
    answer = await person.browser.post("/v1/organizations", name=name, **fields)
    assert answer.status_code == 200, answer.text
    return answer.json()["response"]


async def test_who_makes_an_organization_is_its_administrator(ada: Person) -> None:
    answer = await ada.browser.post("/v1/organizations", name="Acme", slug="the-acme")

    made, client = answer.json()["response"], answer.json()["client"]
    assert (made["slug"], made["members_count"], made["max_allowed_memberships"]) == ("the-acme", 1, 5)
    assert "private_metadata" not in made
    assert client["sessions"][0]["user"]["id"] == ada.user_id
    own = (await ada.browser.get("/v1/me/organization_memberships")).json()["response"]
    assert made.pop("pending_invitations_count") == 0
    assert [(one["organization"], one["role"], one["role_name"]) for one in own] == [
        (made, "org:admin", "Admin")
    ]
    assert "org:sys_memberships:manage" in own[0]["permissions"]
    assert own[0]["public_user_data"]["identifier"] == "ada+clerk_test@example.com"
    page = (await ada.browser.get("/v1/me/organization_memberships", paginated="true")).json()["response"]
    assert page == {"data": own, "total_count": 1}


async def test_users_cannot_create_organizations_where_the_settings_forbid_it(
    enabled: TestServer, backend: Backend, ada: Person
) -> None:
    await backend.patch(f"/v1/users/{ada.user_id}", create_organization_enabled=False)
    one = await ada.browser.post("/v1/organizations", name="Acme")
    await backend.patch(f"/v1/users/{ada.user_id}", create_organization_enabled=True)
    await configure(enabled, {"actions": {"create_organization": False}})
    all_of_them = await ada.browser.post("/v1/organizations", name="Acme")

    assert error_of(one)[:2] == error_of(all_of_them)[:2] == (403, "user_create_organization_not_enabled")
    assert (await backend.get("/v1/organizations")).json()["total_count"] == 0


async def test_number_of_organizations_that_a_user_makes_is_limited(
    enabled: TestServer, backend: Backend, ada: Person
) -> None:
    await configure(enabled, {"actions": {"create_organizations_limit": 1}})
    first = await make(ada)
    refused = await ada.browser.post("/v1/organizations", name="Second")
    await backend.patch(f"/v1/users/{ada.user_id}", create_organizations_limit=2)
    second = await make(ada, "Second")
    again = await ada.browser.post("/v1/organizations", name="Third")
    await ada.browser.delete(f"/v1/organizations/{first['id']}")

    assert error_of(refused)[:2] == error_of(again)[:2] == (403, "organization_quota_exceeded")
    assert second["name"] == "Second"
    assert (await make(ada, "Third"))["name"] == "Third"


async def test_organizations_made_at_once_stay_within_the_limit(
    enabled: TestServer, backend: Backend, ada: Person
) -> None:
    await configure(enabled, {"actions": {"create_organizations_limit": 2}})

    answers = await asyncio.gather(*(ada.browser.post("/v1/organizations", name="Acme") for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [200, 200, 403, 403, 403, 403]
    assert (await backend.get("/v1/organizations")).json()["total_count"] == 2


async def test_organizations_of_one_name_made_at_once_get_different_slugs(
    backend: Backend, ada: Person, bob: Person
) -> None:
    answers = await asyncio.gather(
        *(person.browser.post("/v1/organizations", name="Acme") for person in (ada, bob) * 3)
    )

    assert {answer.status_code for answer in answers} == {200}
    slugs = {answer.json()["response"]["slug"] for answer in answers}
    assert len(slugs) == 6
    assert "acme" in slugs


async def test_name_is_asked_for_and_checked(ada: Person) -> None:
    answer = await ada.browser.post("/v1/organizations", name="www.evil.example", slug="A")
    empty = await ada.browser.post("/v1/organizations", slug="a")

    assert errors_of(answer) == {"name": "form_param_format_invalid", "slug": "form_param_format_invalid"}
    assert error_of(empty) == (422, "form_param_missing", "name")


async def test_creators_role_must_be_one_of_an_administrator(
    enabled: TestServer, backend: Backend, ada: Person
) -> None:
    await add_role(backend, "org:owner")
    await enable_organizations(enabled, creator_role="org:owner")
    refused = await ada.browser.post("/v1/organizations", name="Acme")
    await enable_organizations(enabled, creator_role="org:nothing")
    unknown = await ada.browser.post("/v1/organizations", name="Acme")

    assert error_of(refused)[:2] == (422, "organization_missing_creator_role_permissions")
    assert error_of(unknown)[:2] == (422, "organization_missing_creator_role_permissions")
    assert (await backend.get("/v1/organizations")).json()["total_count"] == 0


async def test_no_organization_is_suggested(server: TestServer, ada: Person) -> None:
    """Suggestions come from domains of organizations, which cannot be switched on."""
    suggested = await ada.browser.call(
        "GET", "/v1/me/organization_suggestions", query={"status": ["pending", "accepted"], "limit": 5}
    )
    stranger = await server.browser().get("/v1/me/organization_suggestions")

    assert suggested.json()["response"] == {"data": [], "total_count": 0}
    assert stranger.status_code == 401


async def test_organizations_have_no_domains_as_long_as_there_are_none(
    enabled: TestServer, backend: Backend, ada: Person, bob: Person
) -> None:
    made = await make(ada)
    path = f"/v1/organizations/{made['id']}/domains"
    own = await ada.browser.get(path, enrollment_mode="manual_invitation")
    stranger = await bob.browser.get(path)
    await backend.post(f"/v1/organizations/{made['id']}/memberships", user_id=bob.user_id, role="org:member")
    member = await bob.browser.get(path)

    assert own.json()["response"] == {"data": [], "total_count": 0}
    assert stranger.status_code == 403
    assert member.status_code == 403
