"""Phone numbers as an application's backend gives, verifies, changes and takes them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.server.identifications.phone_numbers.numbers import (
    GERMAN_NUMBER,
    OTHER_TEST_NUMBER,
    REAL_NUMBER,
    TEST_NUMBER,
    code_sent_to,
    with_phone_numbers,
)
from tests.support.answers import error_of
from tests.support.server import Backend, TestServer

User = dict[str, Any]


@pytest.fixture
async def backend(server: TestServer) -> Backend:
    await with_phone_numbers(server)
    return server.backend()


@pytest.fixture
async def ada(backend: Backend) -> User:
    return await backend.add_user("ada@example.com")


async def add(backend: Backend, user: User, number: str = REAL_NUMBER, **fields: Any) -> dict[str, Any]:
    response = await backend.post("/v1/phone_numbers", user_id=user["id"], phone_number=number, **fields)
    assert response.status_code == 200, response.text
    return response.json()


async def user_now(backend: Backend, user: User) -> User:
    return (await backend.get(f"/v1/users/{user['id']}")).json()


async def test_added_number_is_unverified_unless_it_is_said(backend: Backend, ada: User) -> None:
    unverified = await add(backend, ada)
    verified = await add(backend, ada, TEST_NUMBER, verified=True, primary=True)

    assert unverified["verification"] is None
    assert verified["verification"]["strategy"] == "admin"
    now = await user_now(backend, ada)
    assert now["primary_phone_number_id"] == verified["id"]
    assert sorted(one["id"] for one in now["phone_numbers"]) == sorted([unverified["id"], verified["id"]])
    assert (await backend.get(f"/v1/phone_numbers/{verified['id']}")).json() == verified


async def test_number_of_any_country_may_be_given(backend: Backend, ada: User) -> None:
    assert (await add(backend, ada, GERMAN_NUMBER))["phone_number"] == GERMAN_NUMBER


async def test_number_is_verified_and_made_primary(backend: Backend, ada: User) -> None:
    await add(backend, ada, TEST_NUMBER, verified=True)
    second = await add(backend, ada)

    changed = await backend.patch(f"/v1/phone_numbers/{second['id']}", verified=True, primary=True)

    assert changed.json()["verification"]["status"] == "verified"
    assert (await user_now(backend, ada))["primary_phone_number_id"] == second["id"]


async def test_update_of_the_user_chooses_the_primary_number(backend: Backend, ada: User) -> None:
    await add(backend, ada, TEST_NUMBER, verified=True)
    second = await add(backend, ada, verified=True)

    changed = await backend.patch(f"/v1/users/{ada['id']}", primary_phone_number_id=second["id"])

    assert changed.json()["primary_phone_number_id"] == second["id"]


async def test_deleted_number_is_gone(backend: Backend, ada: User) -> None:
    number = await add(backend, ada)

    deleted = await backend.delete(f"/v1/phone_numbers/{number['id']}")

    assert deleted.json() == {"id": number["id"], "object": "phone_number", "deleted": True}
    assert (await backend.get(f"/v1/phone_numbers/{number['id']}")).status_code == 404


async def test_code_for_the_applications_own_use_verifies(
    server: TestServer, backend: Backend, ada: User
) -> None:
    number = await add(backend, ada)
    path = f"/v1/phone_numbers/{number['id']}"
    prepared = (await backend.post(f"{path}/prepare_verification")).json()

    wrong = await backend.post(f"{path}/attempt_verification", verification_id=prepared["id"], code="000000")
    assert (wrong.json()["status"], wrong.json()["attempts"]) == ("unverified", 1)
    code = await code_sent_to(server, REAL_NUMBER)
    right = await backend.post(f"{path}/attempt_verification", verification_id=prepared["id"], code=code)

    assert right.json()["status"] == "verified"
    shown = (await backend.get(path)).json()
    assert shown["verification"]["strategy"] == "phone_code"


async def test_of_parallel_wrong_attempts_five_count(backend: Backend, ada: User) -> None:
    number = await add(backend, ada)
    path = f"/v1/phone_numbers/{number['id']}"
    prepared = (await backend.post(f"{path}/prepare_verification")).json()
    body = {"verification_id": prepared["id"], "code": "000000"}

    answers = await asyncio.gather(*(backend.post(f"{path}/attempt_verification", **body) for _ in range(12)))

    assert max(answer.json()["attempts"] for answer in answers) == 5
    assert [answer.json()["status"] for answer in answers].count("unverified") == 4


async def test_code_is_not_sent_to_a_country_that_is_not_allowed(
    server: TestServer, backend: Backend, ada: User
) -> None:
    number = await add(backend, ada, GERMAN_NUMBER)

    refused = await backend.post(f"/v1/phone_numbers/{number['id']}/prepare_verification")

    assert error_of(refused)[:2] == (403, "unsupported_country_code")
    assert await server.messages(GERMAN_NUMBER) == []


async def test_replacing_leaves_one_number(backend: Backend, ada: User) -> None:
    await add(backend, ada, TEST_NUMBER, verified=True)
    await add(backend, ada, OTHER_TEST_NUMBER)

    replaced = await backend.put(f"/v1/users/{ada['id']}/phone_number", phone_number="+1 202 555 0243")

    now = await user_now(backend, ada)
    assert now["phone_numbers"] == [replaced.json()]
    assert now["primary_phone_number_id"] == replaced.json()["id"]


async def test_users_are_created_with_numbers_and_found_by_them(backend: Backend) -> None:
    created = await backend.post(
        "/v1/users",
        phone_number=[TEST_NUMBER, REAL_NUMBER],
        phone_number_identification_status=["verified", "reserved"],
        skip_password_requirement=True,
        skip_user_requirement=True,
    )
    assert created.status_code == 200, created.text
    user = created.json()

    reserved = {one["phone_number"]: one["reserved"] for one in user["phone_numbers"]}
    assert reserved == {TEST_NUMBER: False, REAL_NUMBER: True}
    for query in ({"phone_number": [TEST_NUMBER]}, {"phone_number_query": "555-0142"}, {"query": "5550142"}):
        found = (await backend.get("/v1/users", **query)).json()
        assert [one["id"] for one in found] == [user["id"]], query
    assert (await backend.get("/v1/users", phone_number_query="999")).json() == []
    assert (await backend.get("/v1/users/count", phone_number=TEST_NUMBER)).json()["total_count"] == 1


async def test_number_of_another_instance_is_not_found(
    server: TestServer, backend: Backend, ada: User
) -> None:
    number = await add(backend, ada)
    neighbour = await server.neighbour()

    assert (await neighbour.get(f"/v1/phone_numbers/{number['id']}")).status_code == 404
    assert (await neighbour.patch(f"/v1/phone_numbers/{number['id']}", verified=True)).status_code == 404
    assert (await neighbour.delete(f"/v1/phone_numbers/{number['id']}")).status_code == 404


async def test_taken_and_malformed_numbers_are_refused(backend: Backend, ada: User) -> None:
    await add(backend, ada, verified=True)
    eve = await backend.add_user("eve@example.com")

    taken = await backend.post("/v1/phone_numbers", user_id=eve["id"], phone_number=REAL_NUMBER)
    malformed = await backend.post("/v1/phone_numbers", user_id=eve["id"], phone_number="12")

    assert error_of(taken) == (422, "form_identifier_exists", "phone_number")
    assert error_of(malformed) == (422, "form_param_format_invalid", "phone_number")


async def test_second_factor_is_refused_by_name(backend: Backend, ada: User) -> None:
    response = await backend.post(
        "/v1/phone_numbers",
        user_id=ada["id"],
        phone_number=REAL_NUMBER,
        verified=True,
        reserved_for_second_factor=True,
    )

    assert error_of(response) == (422, "form_param_unknown", "reserved_for_second_factor")
