"""Secret keys of machines: shown again, rotated with an overlap, and good for M2M tokens alone."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from greffier.server.machines.queries import KEYS_OF_MACHINE
from greffier.server.web.operations.declaration import backend_api
from tests.support.answers import error_of
from tests.support.machines import add_machine, as_machine
from tests.support.server import Backend, TestServer


async def rotate(backend: Backend, machine: dict[str, Any], ttl: int) -> str:
    answer = await backend.post(f"/v1/machines/{machine['id']}/secret_key/rotate", previous_token_ttl=ttl)
    assert answer.status_code == 200, answer.text
    return answer.json()["secret"]


async def works(server: TestServer, key: str) -> bool:
    answer = await server.backend(secret_key=key).post("/v1/m2m_tokens")
    if answer.status_code == 201:
        return True
    assert error_of(answer)[:2] == (401, "clerk_key_invalid")
    return False


async def test_key_is_shown_again_on_request(backend: Backend) -> None:
    made = await add_machine(backend)

    shown = (await backend.get(f"/v1/machines/{made['id']}/secret_key")).json()

    assert shown == {"object": "machine_secret_key", "secret": made["secret_key"]}


async def test_rotated_key_works_as_long_as_was_said(server: TestServer, backend: Backend) -> None:
    made = await add_machine(backend)

    new = await rotate(backend, made, 60)

    assert new != made["secret_key"]
    assert (await backend.get(f"/v1/machines/{made['id']}/secret_key")).json()["secret"] == new
    assert await works(server, made["secret_key"])
    server.clock.advance(seconds=61)
    assert not await works(server, made["secret_key"])
    assert await works(server, new)


async def test_rotation_without_an_overlap_ends_every_former_key(
    server: TestServer, backend: Backend
) -> None:
    made = await add_machine(backend)
    second = await rotate(backend, made, 28_800)

    third = await rotate(backend, made, 0)

    assert not await works(server, made["secret_key"])
    assert not await works(server, second)
    assert await works(server, third)


async def test_second_rotation_does_not_make_a_former_key_live_longer(
    server: TestServer, backend: Backend
) -> None:
    made = await add_machine(backend)
    await rotate(backend, made, 60)

    await rotate(backend, made, 28_800)
    server.clock.advance(seconds=61)

    assert not await works(server, made["secret_key"])


async def test_rotations_at_once_leave_one_key_to_show(server: TestServer, backend: Backend) -> None:
    made = await add_machine(backend)

    keys = await asyncio.gather(*(rotate(backend, made, 0) for _ in range(4)))

    shown = (await backend.get(f"/v1/machines/{made['id']}/secret_key")).json()["secret"]
    assert [key for key in keys if await works(server, key)] == [shown]


async def test_former_keys_are_kept_by_their_digest_alone(server: TestServer, backend: Backend) -> None:
    made = await add_machine(backend)
    new = await rotate(backend, made, 60)

    async with server.app.database.transaction() as db:
        rows = await db.all(KEYS_OF_MACHINE, instance_id=made["instance_id"], machine_id=made["id"])

    assert [row.secret for row in rows if row.expire_at is not None] == [None]
    assert [row.secret for row in rows if row.expire_at is None] not in ([None], [new])  # it is encrypted


@pytest.mark.parametrize("ttl", [-1, 28_801, None, "60"])
async def test_rotation_refuses_another_overlap(server: TestServer, backend: Backend, ttl: Any) -> None:
    made = await add_machine(backend)

    answer = await backend.post(f"/v1/machines/{made['id']}/secret_key/rotate", previous_token_ttl=ttl)

    assert error_of(answer)[::2] == (422, "previous_token_ttl")
    assert await works(server, made["secret_key"])


async def test_rotation_asks_for_an_overlap(backend: Backend) -> None:
    made = await add_machine(backend)

    answer = await backend.post(f"/v1/machines/{made['id']}/secret_key/rotate")

    assert error_of(answer) == (422, "form_param_missing", "previous_token_ttl")


async def test_key_of_a_machine_opens_nothing_but_tokens(server: TestServer, backend: Backend) -> None:
    asking = as_machine(server, await add_machine(backend))
    others = [operation for operation in backend_api.operations if not operation.machines]

    refused = [
        error_of(await asking.call(operation.method, re.sub(r"{\w+}", "x", operation.path), {}))[:2]
        for operation in others
    ]

    assert len(others) > 50
    assert set(refused) == {(401, "clerk_key_invalid")}
    assert {operation.name for operation in backend_api.operations if operation.machines} == {
        "create_m2m_token",
        "get_m2m_tokens",
        "revoke_m2m_token",
        "verify_m2m_token",
    }


async def test_key_of_a_machine_does_not_tell_which_paths_exist(server: TestServer, backend: Backend) -> None:
    asking = as_machine(server, await add_machine(backend))

    answer = await asking.http.get("/v1/nothing/here")

    assert error_of(answer)[:2] == (401, "clerk_key_invalid")


@pytest.mark.parametrize("key", ["ak_unknown", "mt_unknown", "", "sk_test_unknown", "ak_"])
async def test_unknown_key_is_refused(server: TestServer, key: str) -> None:
    answer = await server.backend(secret_key=key or " ").post("/v1/m2m_tokens")

    assert answer.status_code == 401


async def test_m2m_tokens_ask_for_a_key(server: TestServer) -> None:
    answer = await server.backend(secret_key=None).post("/v1/m2m_tokens")

    assert error_of(answer)[:2] == (401, "authentication_invalid")


async def test_api_key_and_key_of_a_machine_are_not_taken_for_each_other(
    server: TestServer, backend: Backend
) -> None:
    made = await add_machine(backend)
    user = await backend.add_user()
    api_key = (await backend.post("/v1/api_keys", name="deploy", subject=user["id"])).json()["secret"]

    assert not await works(server, api_key)
    verified = await backend.post("/v1/api_keys/verify", secret=made["secret_key"])
    assert error_of(verified)[0] == 404
    as_token = await backend.post("/v1/m2m_tokens/verify", token=made["secret_key"])
    assert error_of(as_token)[0] == 404
