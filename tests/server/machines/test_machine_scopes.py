"""Scopes: which machine may reach which, in one direction."""

from __future__ import annotations

import asyncio

from tests.support.answers import error_of
from tests.support.machines import add_machine
from tests.support.server import Backend, JsonObject, TestServer


async def reached(backend: Backend, machine: JsonObject) -> list[str]:
    shown = await backend.get(f"/v1/machines/{machine['id']}")
    return [other["id"] for other in shown.json()["scoped_machines"]]


async def test_scope_opens_one_direction(server: TestServer, backend: Backend) -> None:
    orders, stock = await add_machine(backend, "orders"), await add_machine(backend, "stock")

    answer = await backend.post(f"/v1/machines/{orders['id']}/scopes", to_machine_id=stock["id"])

    scope = answer.json()
    assert abs(scope.pop("created_at") - server.clock.now_ms()) < 60_000
    assert scope == {
        "object": "machine_scope",
        "from_machine_id": orders["id"],
        "to_machine_id": stock["id"],
    }
    assert await reached(backend, orders) == [stock["id"]]
    assert await reached(backend, stock) == []


async def test_deleted_scope_leaves_that_of_the_other_direction(backend: Backend) -> None:
    orders = await add_machine(backend, "orders")
    stock = await add_machine(backend, "stock", scoped_machines=[orders["id"]])
    path = f"/v1/machines/{orders['id']}/scopes"
    await backend.post(path, to_machine_id=stock["id"])

    deleted = await backend.delete(f"{path}/{stock['id']}")

    assert deleted.json() == {
        "object": "machine_scope",
        "from_machine_id": orders["id"],
        "to_machine_id": stock["id"],
        "deleted": True,
    }
    assert await reached(backend, orders) == []
    assert await reached(backend, stock) == [orders["id"]]
    assert error_of(await backend.delete(f"{path}/{stock['id']}"))[:2] == (404, "resource_not_found")


async def test_scope_that_is_there_already_is_a_conflict(backend: Backend) -> None:
    stock = await add_machine(backend, "stock")
    orders = await add_machine(backend, "orders", scoped_machines=[stock["id"]])

    again = await backend.post(f"/v1/machines/{orders['id']}/scopes", to_machine_id=stock["id"])

    assert error_of(again)[:2] == (409, "duplicate_record")
    assert await reached(backend, orders) == [stock["id"]]


async def test_of_the_same_scope_made_at_once_one_is_kept(backend: Backend) -> None:
    orders, stock = await add_machine(backend, "orders"), await add_machine(backend, "stock")
    path = f"/v1/machines/{orders['id']}/scopes"

    answers = await asyncio.gather(*(backend.post(path, to_machine_id=stock["id"]) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert await reached(backend, orders) == [stock["id"]]


async def test_scopes_in_both_directions_made_at_once_are_both_kept(backend: Backend) -> None:
    one, two = await add_machine(backend, "one"), await add_machine(backend, "two")

    answers = await asyncio.gather(
        backend.post(f"/v1/machines/{one['id']}/scopes", to_machine_id=two["id"]),
        backend.post(f"/v1/machines/{two['id']}/scopes", to_machine_id=one["id"]),
    )

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (await reached(backend, one), await reached(backend, two)) == ([two["id"]], [one["id"]])


async def test_scope_to_a_machine_that_is_deleted_at_once_is_refused_or_goes_with_it(
    backend: Backend,
) -> None:
    orders, stock = await add_machine(backend, "orders"), await add_machine(backend, "stock")

    made, deleted = await asyncio.gather(
        backend.post(f"/v1/machines/{orders['id']}/scopes", to_machine_id=stock["id"]),
        backend.delete(f"/v1/machines/{stock['id']}"),
    )

    assert (made.status_code, deleted.status_code) in ((200, 200), (404, 200))
    assert await reached(backend, orders) == []


async def test_machine_cannot_be_scoped_to_itself_or_to_none(backend: Backend) -> None:
    orders = await add_machine(backend)
    path = f"/v1/machines/{orders['id']}/scopes"

    assert error_of(await backend.post(path, to_machine_id=orders["id"]))[::2] == (422, "to_machine_id")
    assert error_of(await backend.post(path))[::2] == (422, "to_machine_id")
    for unknown in ("mch_unknown", ""):
        answer = await backend.post(path, to_machine_id=unknown)
        assert error_of(answer)[:2] == (404, "resource_not_found")
    assert await reached(backend, orders) == []


async def test_machine_reaches_150_others_at_most(backend: Backend) -> None:
    others = [(await add_machine(backend, f"m{n}"))["id"] for n in range(151)]
    orders = await add_machine(backend, scoped_machines=others[:149])
    path = f"/v1/machines/{orders['id']}/scopes"

    answers = await asyncio.gather(*(backend.post(path, to_machine_id=other) for other in others[149:]))

    assert sorted(answer.status_code for answer in answers) == [200, 403]
    refused = next(answer for answer in answers if answer.status_code == 403)
    assert error_of(refused)[1] == "quota_exceeded"
    assert len(await reached(backend, orders)) == 150
