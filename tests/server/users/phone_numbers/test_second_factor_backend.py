"""An application's backend makes phone numbers second factors, and takes them away."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.factors.second_factor_numbers import (
    ADA,
    NUMBER,
    OTHER_NUMBER,
    enter_password,
    given_number,
    me,
    reserved_number,
    signed_up,
    with_second_factors,
)
from tests.support.server import PASSWORD, Backend, JsonObject, TestServer


@pytest.fixture
async def backend(server: TestServer) -> Backend:
    await with_second_factors(server)
    return server.backend()


@pytest.fixture
async def ada(backend: Backend) -> JsonObject:
    return await backend.create_user(ADA, password=PASSWORD)


async def user_of(backend: Backend, user: JsonObject) -> JsonObject:
    return (await backend.get(f"/v1/users/{user['id']}")).json()


async def test_number_is_created_as_a_second_factor(
    server: TestServer, backend: Backend, ada: JsonObject
) -> None:
    number = await given_number(backend, ada["id"], reserved_for_second_factor=True)

    user = await user_of(backend, ada)
    assert (number["reserved_for_second_factor"], number["default_second_factor"]) == (True, True)
    assert (number["backup_codes"], user["backup_code_enabled"]) == (None, False)
    assert (user["two_factor_enabled"], user["mfa_enabled_at"] is not None) == (True, True)
    assert (await enter_password(server.browser()))["status"] == "needs_second_factor"


async def test_unverified_number_is_not_created_as_a_second_factor(backend: Backend, ada: JsonObject) -> None:
    body = {"user_id": ada["id"], "phone_number": NUMBER, "reserved_for_second_factor": True}

    refused = await backend.post("/v1/phone_numbers", **body)

    assert error_of(refused)[:2] == (400, "identification_create_second_factor_unverified")
    assert (await user_of(backend, ada))["phone_numbers"] == []


@pytest.mark.parametrize("also", [{}, {"verified": False}])
async def test_unverified_number_is_not_changed_into_a_second_factor(
    backend: Backend, ada: JsonObject, also: dict[str, Any]
) -> None:
    number = await given_number(backend, ada["id"], verified=False)

    refused = await backend.patch(
        f"/v1/phone_numbers/{number['id']}", reserved_for_second_factor=True, **also
    )

    assert error_of(refused)[:2] == (400, "identification_update_second_factor_unverified")


async def test_number_is_verified_and_made_a_second_factor_at_once(backend: Backend, ada: JsonObject) -> None:
    number = await given_number(backend, ada["id"], verified=False)

    changed = await backend.patch(
        f"/v1/phone_numbers/{number['id']}", verified=True, reserved_for_second_factor=True
    )

    assert changed.json()["default_second_factor"] is True
    assert (await user_of(backend, ada))["two_factor_enabled"] is True


@pytest.mark.parametrize("how", ["release", "unverify", "delete", "replace", "mfa"])
async def test_second_factor_is_gone_whichever_way_it_goes(
    server: TestServer, backend: Backend, how: str
) -> None:
    browser = await signed_up(server)
    number = await reserved_number(browser)
    user = await me(browser)
    server.clock.advance(seconds=1)
    path = f"/v1/phone_numbers/{number['id']}"

    match how:
        case "release":
            gone = await backend.patch(path, reserved_for_second_factor=False)
        case "unverify":
            gone = await backend.patch(path, verified=False)
        case "delete":
            gone = await backend.delete(path)
        case "replace":
            gone = await backend.put(f"/v1/users/{user['id']}/phone_number", phone_number=OTHER_NUMBER)
        case _:
            gone = await backend.delete(f"/v1/users/{user['id']}/mfa")

    after = await user_of(backend, user)
    assert gone.status_code == 200, gone.text
    assert [after[name] for name in ("two_factor_enabled", "backup_code_enabled")] == [False, False]
    assert user["mfa_enabled_at"] == after["mfa_enabled_at"] < after["mfa_disabled_at"]
    assert not any(one["reserved_for_second_factor"] for one in after["phone_numbers"])
    assert (await enter_password(server.browser()))["status"] == "complete"


async def test_removal_of_the_app_keeps_the_number_and_its_codes(
    server: TestServer, backend: Backend
) -> None:
    browser = await signed_up(server)
    number = await reserved_number(browser)
    user = await me(browser)
    await backend.patch(f"/v1/users/{user['id']}", totp_secret="JBSWY3DPEHPK3PXP")

    await backend.delete(f"/v1/users/{user['id']}/totp")

    offered = (await enter_password(server.browser()))["supported_second_factors"]
    assert [one["strategy"] for one in offered] == ["phone_code", "backup_code"]
    assert offered[0]["phone_number_id"] == number["id"]


async def test_number_identifies_again_once_all_second_factors_are_removed(
    server: TestServer, backend: Backend
) -> None:
    browser = await signed_up(server)
    await reserved_number(browser)

    await backend.delete(f"/v1/users/{(await me(browser))['id']}/mfa")

    assert (await enter_password(server.browser(), NUMBER))["status"] == "complete"


async def test_number_of_another_instance_is_not_found(
    server: TestServer, backend: Backend, ada: JsonObject
) -> None:
    number = await given_number(backend, ada["id"])
    neighbour = await server.neighbour()

    answer = await neighbour.patch(f"/v1/phone_numbers/{number['id']}", reserved_for_second_factor=True)

    assert error_of(answer)[:2] == (404, "resource_not_found")
