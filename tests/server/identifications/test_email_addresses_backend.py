"""Email addresses as an application's backend gives, verifies, changes and takes them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.server import TEST_CODE, Backend, TestServer

User = dict[str, Any]


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


@pytest.fixture
async def ada(backend: Backend) -> User:
    return await backend.add_user("ada@example.com")


async def add(backend: Backend, user: User, address: str, **fields: Any) -> dict[str, Any]:
    response = await backend.post("/v1/email_addresses", user_id=user["id"], email_address=address, **fields)
    assert response.status_code == 200, response.text
    return response.json()


async def primary_of(backend: Backend, user: User) -> str | None:
    return (await backend.get(f"/v1/users/{user['id']}")).json()["primary_email_address_id"]


# --- adding -------------------------------------------------------------------------------------------------


async def test_added_address_is_unverified_and_not_primary(backend: Backend, ada: User) -> None:
    added = await add(backend, ada, "lovelace@example.com")

    assert (added["verification"], added["reserved"]) == (None, False)
    assert await primary_of(backend, ada) == ada["primary_email_address_id"]
    assert (await backend.get(f"/v1/email_addresses/{added['id']}")).json() == added


async def test_added_address_can_be_verified_and_primary_at_once(
    server: TestServer, backend: Backend, ada: User
) -> None:
    added = await add(
        backend,
        ada,
        "lovelace@example.com",
        verified=True,
        primary=True,
        notify_primary_email_address_changed=True,
    )

    assert added["verification"]["strategy"] == "admin"
    assert await primary_of(backend, ada) == added["id"]
    assert len(await server.messages("ada@example.com")) == 1


async def test_first_verified_address_is_primary(backend: Backend) -> None:
    response = await backend.post("/v1/users", skip_user_requirement=True, skip_password_requirement=True)
    added = await add(backend, response.json(), "ada@example.com", verified=True)

    assert await primary_of(backend, response.json()) == added["id"]


async def test_address_that_cannot_be_added_is_refused(backend: Backend, ada: User) -> None:
    await backend.add_user("eve@example.com")
    refusals: list[tuple[dict[str, Any], tuple[int, str, str | None]]] = [
        ({"email_address": "nonsense"}, (422, "form_param_format_invalid", "email_address")),
        ({"email_address": ""}, (422, "form_param_nil", "email_address")),
        ({"email_address": "EVE@example.com"}, (422, "form_identifier_exists", "email_address")),
        ({"email_address": "ada@example.com"}, (422, "form_identifier_exists", "email_address")),
        (
            {"email_address": "new@example.com", "primary": True},
            (422, "form_param_format_invalid", "primary"),
        ),
        ({"email_address": "new@example.com", "user_id": "user_unknown"}, (404, "resource_not_found", None)),
        ({}, (422, "form_param_missing", "email_address")),
        ({"email_address": "new@example.com", "colour": "red"}, (422, "form_param_unknown", "colour")),
    ]

    for fields, expected in refusals:
        response = await backend.post("/v1/email_addresses", **({"user_id": ada["id"]} | fields))
        assert error_of(response) == expected, fields


# --- changing -----------------------------------------------------------------------------------------------


async def test_administrator_verifies_an_address_and_makes_it_primary(backend: Backend, ada: User) -> None:
    added = await add(backend, ada, "lovelace@example.com")
    path = f"/v1/email_addresses/{added['id']}"

    early = await backend.patch(path, primary=True)
    verified = await backend.patch(path, verified=True, primary=True)

    assert error_of(early) == (422, "form_param_value_invalid", "primary")
    assert verified.json()["verification"]["status"] == "verified"
    assert await primary_of(backend, ada) == added["id"]


async def test_verified_address_can_be_unverified_while_another_is_left(backend: Backend, ada: User) -> None:
    second = await add(backend, ada, "lovelace@example.com", verified=True)
    first = ada["email_addresses"][0]

    taken_back = await backend.patch(f"/v1/email_addresses/{first['id']}", verified=False)
    last = await backend.patch(f"/v1/email_addresses/{second['id']}", verified=False)

    assert taken_back.json()["verification"] is None
    assert await primary_of(backend, ada) == second["id"]
    assert error_of(last)[:2] == (400, "last_required_identification_deletion_failed")


async def test_address_that_another_user_verified_first_cannot_be_verified(
    backend: Backend, ada: User
) -> None:
    eve = await backend.add_user("eve@example.com")
    of_ada = await add(backend, ada, "both@example.com")
    await add(backend, eve, "both@example.com", verified=True)

    response = await backend.patch(f"/v1/email_addresses/{of_ada['id']}", verified=True)

    assert error_of(response) == (422, "form_identifier_exists", "email_address")


async def test_reserved_address_is_verified_by_the_administrator(backend: Backend) -> None:
    user = await backend.add_user("ada@example.com", email_address_identification_status=["reserved"])
    path = f"/v1/email_addresses/{user['email_addresses'][0]['id']}"

    response = await backend.patch(path, verified=True)

    assert (response.json()["reserved"], response.json()["verification"]["status"]) == (False, "verified")


# --- removing and replacing ---------------------------------------------------------------------------------


async def test_another_address_becomes_primary_when_the_primary_one_goes(backend: Backend, ada: User) -> None:
    second = await add(backend, ada, "lovelace@example.com", verified=True)
    first = ada["email_addresses"][0]["id"]

    removed = await backend.delete(f"/v1/email_addresses/{first}")

    assert removed.json() == {"id": first, "object": "email_address", "deleted": True}
    assert await primary_of(backend, ada) == second["id"]
    assert error_of(await backend.get(f"/v1/email_addresses/{first}"))[:2] == (404, "resource_not_found")


async def test_last_address_stays(backend: Backend, ada: User) -> None:
    response = await backend.delete(f"/v1/email_addresses/{ada['email_addresses'][0]['id']}")

    assert error_of(response)[:2] == (400, "last_required_identification_deletion_failed")


async def test_replacement_is_the_only_address_and_primary(
    server: TestServer, backend: Backend, ada: User
) -> None:
    await add(backend, ada, "second@example.com", verified=True)

    response = await backend.put(
        f"/v1/users/{ada['id']}/email_address",
        email_address="lovelace@example.com",
        notify_primary_email_address_changed=True,
    )

    user = (await backend.get(f"/v1/users/{ada['id']}")).json()
    assert user["email_addresses"] == [response.json()]
    assert user["primary_email_address_id"] == response.json()["id"]
    assert response.json()["verification"]["strategy"] == "admin"
    told = [message["kind"] for message in await server.messages("ada@example.com")]
    assert told == ["primary_email_changed", "identification_added"]


async def test_no_notice_is_sent_when_the_address_stays_the_same(
    server: TestServer, backend: Backend, ada: User
) -> None:
    await backend.put(
        f"/v1/users/{ada['id']}/email_address",
        email_address="ADA@example.com",
        notify_primary_email_address_changed=True,
    )

    assert await server.messages("ada@example.com") == []


async def test_replacement_can_be_reserved_or_unverified(backend: Backend, ada: User) -> None:
    path = f"/v1/users/{ada['id']}/email_address"

    reserved = await backend.put(path, email_address="l@example.com", identification_status="reserved")
    assert (reserved.json()["reserved"], reserved.json()["verification"]) == (True, None)
    assert await primary_of(backend, ada) == reserved.json()["id"]

    unverified = await backend.put(path, email_address="l@example.com", identification_status="unverified")
    assert (unverified.json()["reserved"], unverified.json()["verification"]) == (False, None)
    assert await primary_of(backend, ada) is None
    await backend.add_user("l@example.com")  # it is free


async def test_refused_replacement_leaves_what_was_there(backend: Backend, ada: User) -> None:
    await backend.add_user("eve@example.com")
    path = f"/v1/users/{ada['id']}/email_address"

    taken = await backend.put(path, email_address="eve@example.com")
    unknown = await backend.put(path, email_address="l@example.com", identification_status="perhaps")
    without_user = await backend.put("/v1/users/user_unknown/email_address", email_address="l@example.com")

    assert error_of(taken) == (422, "form_identifier_exists", "email_address")
    assert error_of(unknown) == (422, "form_param_format_invalid", "identification_status")
    assert error_of(without_user)[:2] == (404, "resource_not_found")
    assert (await backend.get(f"/v1/users/{ada['id']}")).json() == ada


# --- codes --------------------------------------------------------------------------------------------------


async def prepare(backend: Backend, address: dict[str, Any]) -> dict[str, Any]:
    response = await backend.post(f"/v1/email_addresses/{address['id']}/prepare_verification")
    assert response.status_code == 200, response.text
    return response.json()


async def attempt(backend: Backend, address: dict[str, Any], verification_id: str, code: str) -> Any:
    return await backend.post(
        f"/v1/email_addresses/{address['id']}/attempt_verification",
        verification_id=verification_id,
        code=code,
    )


async def test_mailed_code_verifies_an_unverified_address(
    server: TestServer, backend: Backend, ada: User
) -> None:
    added = await add(backend, ada, "lovelace@example.com")
    prepared = await prepare(backend, added)
    code = (await server.messages("lovelace@example.com"))[0]["code"]

    attempted = await attempt(backend, added, prepared["id"], code)

    assert (prepared["status"], prepared["attempts"]) == ("unverified", 0)
    assert (attempted.json()["status"], attempted.json()["attempts"]) == ("verified", 1)
    shown = (await backend.get(f"/v1/email_addresses/{added['id']}")).json()
    assert shown["verification"]["strategy"] == "email_code"
    again = await attempt(backend, added, prepared["id"], code)
    assert error_of(again)[:2] == (400, "verification_already_verified")


async def test_code_leaves_a_verified_address_as_it_is(server: TestServer, backend: Backend) -> None:
    user = await backend.add_user("ada+clerk_test@example.com")
    address = user["email_addresses"][0]
    prepared = await prepare(backend, address)

    attempted = await attempt(backend, address, prepared["id"], TEST_CODE)

    assert attempted.json()["status"] == "verified"
    assert (await backend.get(f"/v1/email_addresses/{address['id']}")).json() == address


async def test_wrong_and_late_codes_are_told_by_the_status(
    server: TestServer, backend: Backend, ada: User
) -> None:
    added = await add(backend, ada, "ada+clerk_test@example.com")
    prepared = await prepare(backend, added)

    wrong = await attempt(backend, added, prepared["id"], "000000")
    server.clock.advance(seconds=601)
    late = await attempt(backend, added, prepared["id"], TEST_CODE)

    assert (wrong.json()["status"], wrong.json()["attempts"]) == ("unverified", 1)
    assert (late.json()["status"], late.json()["attempts"]) == ("expired", 1)


async def test_five_wrong_codes_are_the_end_of_it_even_at_once(backend: Backend, ada: User) -> None:
    added = await add(backend, ada, "ada+clerk_test@example.com")
    prepared = await prepare(backend, added)

    answers = await asyncio.gather(*(attempt(backend, added, prepared["id"], "000000") for _ in range(5)))
    right = await attempt(backend, added, prepared["id"], TEST_CODE)

    assert sorted(answer.json()["attempts"] for answer in answers) == [1, 2, 3, 4, 5]
    assert (right.json()["status"], right.json()["attempts"]) == ("failed", 5)


async def test_code_of_one_address_verifies_no_other(backend: Backend, ada: User) -> None:
    own = await add(backend, ada, "ada+clerk_test@example.com")
    other = await add(backend, ada, "eve+clerk_test@example.com")
    prepared = await prepare(backend, own)

    response = await attempt(backend, other, prepared["id"], TEST_CODE)

    assert error_of(response)[:2] == (404, "resource_not_found")
    assert (await backend.get(f"/v1/email_addresses/{other['id']}")).json()["verification"] is None


async def test_unknown_verification_is_not_found(backend: Backend, ada: User) -> None:
    response = await attempt(backend, ada["email_addresses"][0], "ver_unknown", TEST_CODE)

    assert error_of(response)[:2] == (404, "resource_not_found")


async def test_unknown_address_is_not_found(backend: Backend) -> None:
    path = "/v1/email_addresses/idn_unknown"
    calls: list[tuple[str, str, dict[str, Any] | None]] = [
        ("GET", path, None),
        ("PATCH", path, {"verified": True}),
        ("DELETE", path, None),
        ("POST", f"{path}/prepare_verification", None),
        ("POST", f"{path}/attempt_verification", {"verification_id": "ver_1", "code": "1"}),
    ]
    for method, of, body in calls:
        assert error_of(await backend.call(method, of, body))[:2] == (404, "resource_not_found"), (method, of)
