"""Organizations as the Backend API makes, lists, shows, changes and removes them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answers import error_of, errors_of
from tests.support.organizations import add_member, add_organization, enable_organizations
from tests.support.server import Backend, TestServer


async def names(backend: Backend, **query: Any) -> list[str]:
    response = await backend.get("/v1/organizations", **query)
    assert response.status_code == 200, response.text
    return [found["name"] for found in response.json()["data"]]


async def test_organization_is_made_with_defaults(backend: Backend) -> None:
    made = await add_organization(backend, "Acme Rockets & Co.")

    assert made["slug"] == "acme-rockets-co"
    assert (made["max_allowed_memberships"], made["admin_delete_enabled"]) == (5, True)
    assert (made["public_metadata"], made["private_metadata"]) == ({}, {})
    assert (made["has_image"], "created_by" in made, "members_count" in made) == (False, False, False)
    for name in (made["id"], made["slug"]):
        assert (await backend.get(f"/v1/organizations/{name}")).json() == made
    assert (await backend.get("/v1/organizations")).json() == {"data": [made], "total_count": 1}


async def test_organization_is_made_as_described(backend: Backend) -> None:
    user = await backend.add_user()

    made = await add_organization(
        backend,
        slug="the-slug",
        created_by=user["id"],
        public_metadata={"plan": "gold"},
        private_metadata={"crm": 7},
        max_allowed_memberships=0,
        created_at="2020-01-02T03:04:05.678Z",
    )

    assert (made["slug"], made["created_by"]) == ("the-slug", user["id"])
    assert (made["public_metadata"], made["private_metadata"]) == ({"plan": "gold"}, {"crm": 7})
    assert (made["max_allowed_memberships"], made["created_at"]) == (0, 1577934245678)
    members = (await backend.get(f"/v1/organizations/{made['id']}/memberships")).json()["data"]
    assert [(one["public_user_data"]["user_id"], one["role"]) for one in members] == [
        (user["id"], "org:admin")
    ]


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"name": " "}, {"name": "form_param_nil"}),
        ({"name": "x" * 257}, {"name": "form_param_max_length_exceeded"}),
        ({"name": "Visit https://evil.example"}, {"name": "form_param_format_invalid"}),
        ({"name": "<b>Acme</b>"}, {"name": "form_param_format_invalid"}),
        ({"name": "Acme", "slug": "Acme"}, {"slug": "form_param_format_invalid"}),
        ({"name": "Acme", "slug": "acme_1"}, {"slug": "form_param_format_invalid"}),
        ({"name": "Acme", "slug": "org_2abc"}, {"slug": "form_param_format_invalid"}),
        ({"name": "Acme", "slug": "x" * 65}, {"slug": "form_param_max_length_exceeded"}),
        ({"name": "Acme", "role_set_key": "role_set:x"}, {"role_set_key": "form_param_unknown"}),
        (
            {"name": "", "slug": "?", "public_metadata": {"x": "y" * 9000}},
            {
                "name": "form_param_nil",
                "slug": "form_param_format_invalid",
                "public_metadata": "form_param_exceeds_allowed_size",
            },
        ),
        ({"slug": "acme"}, {"name": "form_param_missing"}),
    ],
)
async def test_what_is_wrong_is_said_at_once(
    backend: Backend, fields: dict[str, Any], problems: dict[str, str]
) -> None:
    answer = await backend.post("/v1/organizations", **fields)

    assert (answer.status_code, errors_of(answer)) == (422, problems)
    assert await names(backend) == []


async def test_unknown_creator_makes_no_organization(server: TestServer, backend: Backend) -> None:
    stranger = await (await server.neighbour()).add_user()

    answer = await backend.post("/v1/organizations", name="Acme", created_by=stranger["id"])

    assert error_of(answer) == (400, "organization_creator_not_found", "created_by")
    assert await names(backend) == []


async def test_slugs_differ_within_an_instance_alone(server: TestServer, backend: Backend) -> None:
    first, second = await add_organization(backend), await add_organization(backend)
    taken = await backend.post("/v1/organizations", name="Other", slug="acme")
    renamed = await backend.patch(f"/v1/organizations/{second['id']}", slug="acme")
    neighbour = await server.neighbour()
    await enable_organizations(server)

    assert first["slug"] == "acme"
    assert second["slug"].startswith("acme-")
    assert error_of(taken) == error_of(renamed) == (422, "form_identifier_exists", "slug")
    assert (await add_organization(neighbour, slug="acme"))["slug"] == "acme"


async def test_name_without_latin_letters_still_makes_a_slug(backend: Backend) -> None:
    assert (await add_organization(backend, "株式会社"))["slug"] == "organization"
    assert (await add_organization(backend, "Übergrößen Café"))["slug"] == "ubergrossen-cafe"


async def test_slugs_are_not_chosen_where_they_are_switched_off(server: TestServer, backend: Backend) -> None:
    await enable_organizations(server, slugs=False)
    made = await add_organization(backend)

    answer = await backend.post("/v1/organizations", name="Other", slug="other")
    changed = await backend.patch(f"/v1/organizations/{made['id']}", slug="other")
    same = await backend.patch(f"/v1/organizations/{made['id']}", slug=made["slug"], name="New")

    assert error_of(answer) == error_of(changed) == (422, "form_param_unknown", "slug")
    assert (made["slug"], same.json()["name"]) == ("acme", "New")


async def test_update_changes_what_is_given_alone(server: TestServer, backend: Backend) -> None:
    made = await add_organization(backend, public_metadata={"a": 1})
    server.clock.advance(seconds=1)
    path = f"/v1/organizations/{made['id']}"

    changed = (
        await backend.patch(path, name="New", max_allowed_memberships=0, admin_delete_enabled=False)
    ).json()
    untouched = (await backend.patch(path, name=None, slug=None, max_allowed_memberships=None)).json()

    assert changed["updated_at"] > made["updated_at"]
    assert changed == made | {
        "name": "New",
        "max_allowed_memberships": 0,
        "admin_delete_enabled": False,
        "updated_at": changed["updated_at"],
    }
    assert untouched == changed | {"updated_at": untouched["updated_at"]}


async def test_metadata_in_an_update_goes_by_the_api_version(server: TestServer, backend: Backend) -> None:
    made = await add_organization(backend, public_metadata={"a": 1, "b": 2})
    path = f"/v1/organizations/{made['id']}"

    newest = await backend.patch(path, public_metadata={"c": 3})
    older = await server.backend(version="2025-11-10").patch(path, public_metadata={"c": 3})

    assert error_of(newest) == (422, "form_param_unknown", "public_metadata")
    assert (older.status_code, older.json()["public_metadata"]) == (200, {"c": 3})


async def test_metadata_is_merged_or_replaced(backend: Backend) -> None:
    made = await add_organization(backend, public_metadata={"a": {"b": 1}}, private_metadata={"x": 1})
    path = f"/v1/organizations/{made['id']}/metadata"

    merged = (await backend.patch(path, public_metadata={"a": {"c": 2}}, private_metadata={"x": None})).json()
    replaced = (await backend.put(path, public_metadata={"d": 4})).json()
    huge = await backend.patch(path, private_metadata={"x": "y" * 9000})

    assert (merged["public_metadata"], merged["private_metadata"]) == ({"a": {"b": 1, "c": 2}}, {})
    assert (replaced["public_metadata"], replaced["private_metadata"]) == ({"d": 4}, {})
    assert error_of(huge) == (422, "form_param_exceeds_allowed_size", "private_metadata")


async def test_list_is_searched_ordered_and_in_pages(server: TestServer, backend: Backend) -> None:
    user, other = await backend.add_user(), await backend.add_user("bob@example.com")
    made: dict[str, Any] = {}
    for name in ("beta", "Alpha", "gamma 50%"):
        made[name] = await add_organization(backend, name, created_by=user["id"])
        server.clock.advance(seconds=1)
    await add_member(backend, made["Alpha"], other["id"])

    assert await names(backend) == ["gamma 50%", "Alpha", "beta"]
    assert await names(backend, order_by="+name") == ["Alpha", "beta", "gamma 50%"]
    assert await names(backend, order_by="-members_count", limit=1) == ["Alpha"]
    assert await names(backend, limit=1, offset=1) == ["Alpha"]
    assert await names(backend, query="ALPH") == ["Alpha"]
    assert await names(backend, query="50%") == ["gamma 50%"]
    assert await names(backend, query="%") == ["gamma 50%"]
    assert await names(backend, query=made["beta"]["id"]) == ["beta"]
    assert await names(backend, user_id=[other["id"]]) == ["Alpha"]
    assert await names(backend, user_id=["-" + other["id"]]) == ["gamma 50%", "beta"]
    assert await names(backend, organization_id=[made["beta"]["id"], "org_unknown"]) == ["beta"]
    assert await names(backend, organization_id=["-" + made["beta"]["id"]]) == ["gamma 50%", "Alpha"]
    answer = await backend.get("/v1/organizations", order_by="slug")
    assert error_of(answer) == (422, "form_param_value_invalid", "order_by")


async def test_counts_are_told_on_request(backend: Backend) -> None:
    user = await backend.add_user()
    with_admin = await add_organization(backend, "With", created_by=user["id"])
    without = await add_organization(backend, "Without")
    asked = {"include_members_count": "true", "include_missing_member_with_elevated_permissions": "true"}

    listed = (await backend.get("/v1/organizations", **asked, order_by="name")).json()["data"]
    shown = (await backend.get(f"/v1/organizations/{without['id']}", **asked)).json()

    assert [(one["members_count"], one["missing_member_with_elevated_permissions"]) for one in listed] == [
        (1, False),
        (0, True),
    ]
    assert (shown["members_count"], shown["missing_member_with_elevated_permissions"]) == (0, True)
    assert "members_count" not in (await backend.get(f"/v1/organizations/{with_admin['id']}")).json()


async def test_deleted_organization_takes_its_memberships_along(backend: Backend) -> None:
    user = await backend.add_user()
    made = await add_organization(backend, created_by=user["id"])
    path = f"/v1/organizations/{made['id']}"

    answer = await backend.delete(path)

    assert answer.json() == {
        "object": "organization",
        "id": made["id"],
        "slug": "acme",
        "deleted": True,
    }
    assert error_of(await backend.get(path)) == (404, "resource_not_found", None)
    assert error_of(await backend.delete(path)) == (404, "resource_not_found", None)
    assert (await backend.get(f"/v1/users/{user['id']}/organization_memberships")).json() == {
        "data": [],
        "total_count": 0,
    }
    assert (await add_organization(backend))["slug"] == "acme"


async def test_organization_of_another_instance_is_not_found(server: TestServer, backend: Backend) -> None:
    neighbour = await server.neighbour()
    await enable_organizations(server)
    made = await add_organization(backend)
    stranger = await neighbour.add_user()
    path = f"/v1/organizations/{made['id']}"
    body = {"user_id": stranger["id"], "role": "org:member"}

    answers = [
        await neighbour.get(path),
        await neighbour.get("/v1/organizations/acme"),
        await neighbour.patch(path, name="Stolen"),
        await neighbour.delete(path),
        await neighbour.patch(f"{path}/metadata", public_metadata={}),
        await neighbour.put(f"{path}/metadata", public_metadata={}),
        await neighbour.delete(f"{path}/logo"),
        await neighbour.post(f"{path}/memberships", **body),
        await neighbour.patch(f"{path}/memberships/{stranger['id']}", role="org:admin"),
        await neighbour.delete(f"{path}/memberships/{stranger['id']}"),
        await backend.post(f"{path}/memberships", **body),
    ]

    assert {error_of(answer)[:2] for answer in answers} == {(404, "resource_not_found")}
    assert (await backend.get(path)).json() == made
