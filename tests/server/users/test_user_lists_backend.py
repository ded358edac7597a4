"""Lists and counts of users: filters, order, pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import Backend, TestServer

People = dict[str, dict[str, Any]]


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


@pytest.fixture
async def people(server: TestServer, backend: Backend) -> People:
    """Four users, oldest first, a second apart."""
    found: People = {}
    for name, fields in {
        "ada": {"first_name": "Ada", "last_name": "Lovelace", "username": "countess", "external_id": "crm-1"},
        "eve": {"first_name": "Éve", "last_name": "Zola", "external_id": "crm-2", "banned": True},
        "kim": {"first_name": "kim", "last_name": "50%_\\"},
        "bob": {},
    }.items():
        found[name] = await backend.add_user(f"{name}@example.com", **fields)
        server.clock.advance(seconds=1)
    return found


async def listed(backend: Backend, people: People, **query: Any) -> list[str]:
    """Names of who is listed, which the count agrees with."""
    response = await backend.get("/v1/users", **query)
    assert response.status_code == 200, response.text
    count = await backend.get("/v1/users/count", **query)
    names = {user["id"]: name for name, user in people.items()}
    found = [names[user["id"]] for user in response.json()]
    if not {"limit", "offset", "starting_after"} & set(query):
        assert count.json() == {"object": "total_count", "total_count": len(found)}
    return found


async def test_list_is_an_array_newest_first_whatever_paginated_says(
    backend: Backend, people: People
) -> None:
    assert await listed(backend, people) == ["bob", "kim", "eve", "ada"]
    assert await listed(backend, people, paginated="true") == ["bob", "kim", "eve", "ada"]


async def test_listed_user_is_the_same_as_the_one_asked_for(backend: Backend, people: People) -> None:
    response = await backend.get("/v1/users")

    assert response.json() == list(reversed(people.values()))


async def test_exact_filters_find_whom_they_name(backend: Backend, people: People) -> None:
    async def found(**query: Any) -> list[str]:
        return sorted(await listed(backend, people, **query))

    ada, eve = people["ada"]["id"], people["eve"]["id"]
    assert await found(email_address=["ADA@example.com", "bob@example.com"]) == ["ada", "bob"]
    assert await found(email_address="ada@example.com,unknown@example.com") == ["ada"]
    assert await found(username=["Countess"]) == ["ada"]
    assert await found(external_id=["crm-1", "+crm-2"]) == ["ada", "eve"]
    assert await found(external_id=["-crm-1"]) == ["bob", "eve", "kim"]
    assert await found(user_id=[ada, eve, "user_unknown"]) == ["ada", "eve"]
    assert await found(user_id=[f"-{ada}"]) == ["bob", "eve", "kim"]
    assert await found(user_id=[f"+{ada}", eve, f"-{eve}"]) == ["ada"]
    assert await found(banned="true") == ["eve"]
    assert await found(banned="false") == ["ada", "bob", "kim"]
    assert await found(email_address=["ada@example.com"], banned="true") == []


async def test_plus_that_a_url_turned_into_a_space_is_still_a_plus(backend: Backend, people: People) -> None:
    by_id = await backend.http.get(f"/v1/users?user_id=+{people['ada']['id']}")
    ordered = await backend.http.get("/v1/users?order_by=+created_at")

    assert [user["id"] for user in by_id.json()] == [people["ada"]["id"]]
    assert ordered.json()[0]["id"] == people["ada"]["id"]


async def test_partial_filters_look_into_what_they_name_without_case(
    backend: Backend, people: People
) -> None:
    async def found(**query: Any) -> list[str]:
        return sorted(await listed(backend, people, **query))

    assert await found(query="LOVE") == ["ada"]
    assert await found(query="counTESS") == ["ada"]
    assert await found(query="BOB@") == ["bob"]
    assert await found(query=people["kim"]["id"][5:].lower()) == ["kim"]
    assert await found(query="crm-") == ["ada", "eve"]
    assert await found(email_address_query="@EXAMPLE") == ["ada", "bob", "eve", "kim"]
    assert await found(email_address_query="countess") == []
    assert await found(username_query="ess") == ["ada"]
    assert await found(name_query="ada love") == ["ada"]
    assert await found(name_query="éve") == ["eve"]
    assert await found(name_query="KIM") == ["kim"]


async def test_wildcards_of_the_database_are_ordinary_letters(backend: Backend, people: People) -> None:
    assert await listed(backend, people, name_query="%") == ["kim"]
    assert await listed(backend, people, name_query="_") == ["kim"]
    assert await listed(backend, people, name_query="\\") == ["kim"]


async def test_dates_bound_the_list(backend: Backend, people: People) -> None:
    eve = people["eve"]["created_at"]

    assert await listed(backend, people, created_at_before=eve) == ["ada"]
    assert await listed(backend, people, created_at_after=eve) == ["bob", "kim"]
    assert await listed(backend, people, last_sign_in_at_after=1) == []


async def test_activity_bounds_the_list(server: TestServer, backend: Backend, people: People) -> None:
    await backend.post("/v1/sessions", user_id=people["bob"]["id"])
    active = (await backend.get(f"/v1/users/{people['bob']['id']}")).json()["last_active_at"]

    assert await listed(backend, people, last_active_at_since=active) == ["bob"]
    assert await listed(backend, people, last_active_at_after=active) == []
    assert await listed(backend, people, last_active_at_after=active - 1) == ["bob"]
    assert await listed(backend, people, last_active_at_before=active + 1) == ["bob"]
    assert await listed(backend, people, last_sign_in_at_before=active + 1) == ["bob"]


async def test_filter_by_an_attribute_without_values_matches_no_user(
    backend: Backend, people: People
) -> None:
    for query in (
        {"phone_number": ["+15555550100"]},
        {"phone_number_query": "555"},
        {"web3_wallet": ["0x0"]},
        {"provider": "oauth_google", "provider_user_id": ["1"]},
    ):
        assert await listed(backend, people, **query) == []


async def test_members_of_organizations_are_found_and_left_out(
    server: TestServer, backend: Backend, people: People
) -> None:
    neighbour = await server.neighbour()
    await configure(server, {"organizations": {"enabled": True}})
    first, second = [
        (await backend.post("/v1/organizations", name="Acme", created_by=people[name]["id"])).json()["id"]
        for name in ("ada", "eve")
    ]
    theirs = await neighbour.post("/v1/organizations", name="Acme")

    assert await listed(backend, people, organization_id=[first]) == ["ada"]
    assert await listed(backend, people, organization_id=[f"+{first}", second]) == ["eve", "ada"]
    assert await listed(backend, people, organization_id=[f"-{first}"]) == ["bob", "kim", "eve"]
    assert await listed(backend, people, organization_id=[theirs.json()["id"]]) == []
    assert len(await listed(backend, people, organization_id=["-org_1"])) == 4


async def test_order_ascends_unless_a_minus_says_otherwise(backend: Backend, people: People) -> None:
    async def by(order: str) -> list[str]:
        return await listed(backend, people, order_by=order)

    assert await by("created_at") == ["ada", "eve", "kim", "bob"]
    assert await by("-updated_at") == ["bob", "kim", "eve", "ada"]
    assert await by("email_address") == ["ada", "bob", "eve", "kim"]
    assert await by("-email_address") == ["kim", "eve", "bob", "ada"]
    assert await by("+last_name") == ["kim", "ada", "eve", "bob"]
    assert await by("-last_name") == ["eve", "ada", "kim", "bob"]
    assert (await by("-username"))[0] == "ada"
    assert await by("last_sign_in_at,created_at") == await by("last_sign_in_at")
    for order in ("web3wallet", "phone_number", "first_name", "last_active_at"):
        assert sorted(await by(order)) == ["ada", "bob", "eve", "kim"]


async def test_pages_by_offset_and_by_cursor_walk_the_whole_list_once(
    backend: Backend, people: People
) -> None:
    by_offset = [
        *await listed(backend, people, limit=3),
        *await listed(backend, people, limit=3, offset=3),
    ]
    assert by_offset == ["bob", "kim", "eve", "ada"]

    for order in ("-created_at", "created_at"):
        walked: list[str] = []
        cursor: dict[str, str] = {}
        while page := await listed(backend, people, limit=1, order_by=order, **cursor):
            walked += page
            cursor = {"starting_after": people[page[-1]]["id"]}
        assert walked == await listed(backend, people, order_by=order)


async def test_cursor_walks_users_of_the_same_moment_once(backend: Backend) -> None:
    moment = "2020-01-01T00:00:00Z"
    people = {name: await backend.add_user(f"{name}@example.com", created_at=moment) for name in "abc"}

    walked: list[str] = []
    cursor: dict[str, str] = {}
    while page := await listed(backend, people, limit=1, **cursor):
        walked += page
        cursor = {"starting_after": people[page[-1]]["id"]}

    assert sorted(walked) == ["a", "b", "c"]


async def test_what_a_list_cannot_do_is_refused(backend: Backend, people: People) -> None:
    ada = people["ada"]["id"]
    refusals: list[tuple[dict[str, Any], str]] = [
        ({"order_by": "password"}, "order_by"),
        ({"order_by": "-"}, "order_by"),
        ({"starting_after": ada, "order_by": "username"}, "starting_after"),
        ({"starting_after": ada, "offset": 1}, "starting_after"),
        ({"starting_after": "user_unknown"}, "starting_after"),
        ({"limit": 0}, "limit"),
        ({"limit": 501}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"offset": -1}, "offset"),
        ({"offset": 2**40}, "offset"),
        ({"banned": "perhaps"}, "banned"),
        ({"created_at_before": "yesterday"}, "created_at_before"),
        ({"created_at_before": 2**80}, "created_at_before"),
        ({"user_id": [f"user_{n}" for n in range(101)]}, "user_id"),
    ]

    for query, param in refusals:
        status, _code, at = error_of(await backend.get("/v1/users", **query))
        assert (status, at) == (422, param), query


async def test_count_ignores_the_page_that_sdks_send_with_it(backend: Backend, people: People) -> None:
    response = await backend.get("/v1/users/count", limit=1, offset=2, order_by="-username")

    assert response.json() == {"object": "total_count", "total_count": 4}
