"""Machines as the Backend API makes, lists, shows, changes and removes them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answers import error_of, errors_of
from tests.support.machines import add_machine, add_token, as_machine
from tests.support.server import Backend, TestServer


async def names(backend: Backend, **query: Any) -> list[str]:
    response = await backend.get("/v1/machines", **query)
    assert response.status_code == 200, response.text
    return [found["name"] for found in response.json()["data"]]


async def test_machine_is_made_with_defaults_and_shown_without_its_key(backend: Backend) -> None:
    made = await add_machine(backend, "orders")

    key = made.pop("secret_key")
    assert key.startswith("ak_")
    assert (made["name"], made["default_token_ttl"], made["scoped_machines"]) == ("orders", 3600, [])
    shown = await backend.get(f"/v1/machines/{made['id']}")
    listed = (await backend.get("/v1/machines")).json()
    assert shown.json() == made
    assert listed == {"data": [made], "total_count": 1}
    assert key not in shown.text


async def test_machine_is_made_with_those_it_may_reach(backend: Backend) -> None:
    stock, mail = await add_machine(backend, "stock"), await add_machine(backend, "mail")

    made = await add_machine(backend, scoped_machines=[stock["id"], mail["id"], stock["id"]])

    reached = {other["name"] for other in made["scoped_machines"]}
    assert reached == {"stock", "mail"}
    assert len(made["scoped_machines"]) == 2
    assert (await backend.get(f"/v1/machines/{stock['id']}")).json()["scoped_machines"] == []
    listed = (await backend.get("/v1/machines", query="orders")).json()["data"]
    assert listed[0]["scoped_machines"] == made["scoped_machines"]


async def test_machine_that_shall_reach_an_unknown_one_is_not_made(
    server: TestServer, backend: Backend
) -> None:
    foreign = await add_machine(await server.neighbour())

    answer = await backend.post("/v1/machines", name="orders", scoped_machines=[foreign["id"]])

    assert error_of(answer) == (422, "form_param_value_invalid", "scoped_machines")
    assert await names(backend) == []


async def test_update_changes_what_is_given_alone(server: TestServer, backend: Backend) -> None:
    made = await add_machine(backend, default_token_ttl=60)
    path = f"/v1/machines/{made['id']}"
    server.clock.advance(seconds=1)

    renamed = (await backend.patch(path, name="stock")).json()
    longer = (await backend.patch(path, default_token_ttl=120)).json()

    assert (renamed["name"], renamed["default_token_ttl"]) == ("stock", 60)
    assert renamed["updated_at"] > renamed["created_at"] == made["created_at"]
    assert (longer["name"], longer["default_token_ttl"]) == ("stock", 120)
    assert (await backend.get(path)).json() == longer


async def test_deleted_machine_takes_its_key_tokens_and_scopes_along(
    server: TestServer, backend: Backend
) -> None:
    stock = await add_machine(backend, "stock")
    orders = await add_machine(backend, "orders", scoped_machines=[stock["id"]])
    front = await add_machine(backend, "front", scoped_machines=[orders["id"]])
    asking = as_machine(server, orders)
    token = (await add_token(asking))["token"]
    jwt = (await add_token(asking, token_format="jwt"))["token"]
    path = f"/v1/machines/{orders['id']}"

    deleted = await backend.delete(path)

    assert deleted.json() == {"object": "machine", "id": orders["id"], "deleted": True}
    assert error_of(await asking.post("/v1/m2m_tokens"))[:2] == (401, "clerk_key_invalid")
    for dead in (token, jwt):
        assert error_of(await backend.post("/v1/m2m_tokens/verify", token=dead))[0] == 404
    assert (await backend.get(f"/v1/machines/{front['id']}")).json()["scoped_machines"] == []
    for answer in (
        await backend.get(path),
        await backend.delete(path),
        await backend.patch(path, name="again"),
        await backend.get(f"{path}/secret_key"),
        await backend.get("/v1/m2m_tokens", subject=orders["id"]),
    ):
        assert error_of(answer)[:2] == (404, "resource_not_found")


async def test_list_is_ordered_searched_and_in_pages(server: TestServer, backend: Backend) -> None:
    made: dict[str, Any] = {}
    for name in ("Beta", "alpha", "gamma ray"):
        made[name] = await add_machine(backend, name)
        server.clock.advance(seconds=1)

    assert await names(backend) == ["gamma ray", "alpha", "Beta"]
    assert await names(backend, order_by="created_at") == ["Beta", "alpha", "gamma ray"]
    assert await names(backend, order_by="+created_at", limit=1, offset=1) == ["alpha"]
    assert (await names(backend, order_by="-name"))[0] == "gamma ray"
    assert await names(backend, query="AM") == ["gamma ray"]
    assert await names(backend, query="") == ["gamma ray", "alpha", "Beta"]
    assert await names(backend, query=made["Beta"]["id"]) == ["Beta"]
    assert await names(backend, query=made["Beta"]["id"][:-1]) == []
    assert await names(backend, query="%") == []
    page = (await backend.get("/v1/machines", query="a", limit=1)).json()
    assert (len(page["data"]), page["total_count"]) == (1, 3)


@pytest.mark.parametrize(
    ("query", "param"),
    [({"order_by": "secret"}, "order_by"), ({"limit": 0}, "limit"), ({"offset": -1}, "offset")],
)
async def test_list_refuses_what_it_cannot_do(backend: Backend, query: dict[str, Any], param: str) -> None:
    assert error_of(await backend.get("/v1/machines", **query))[::2] == (422, param)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"name": ""}, "name"),
        ({"name": "n" * 256}, "name"),
        ({"name": None}, "name"),
        ({"default_token_ttl": 0}, "default_token_ttl"),
        ({"default_token_ttl": 315_360_001}, "default_token_ttl"),
        ({"default_token_ttl": 1.5}, "default_token_ttl"),
        ({"instance_id": "ins_other"}, "instance_id"),
        ({"secret_key": "ak_mine"}, "secret_key"),
    ],
)
async def test_machine_refuses_wrong_parameters(backend: Backend, fields: dict[str, Any], param: str) -> None:
    made = await add_machine(backend, "kept")

    created = await backend.post("/v1/machines", **({"name": "orders"} | fields))
    updated = await backend.patch(f"/v1/machines/{made['id']}", **fields)

    assert created.status_code == updated.status_code == 422
    assert param in errors_of(created)
    assert param in errors_of(updated)
    assert await names(backend) == ["kept"]


async def test_machine_may_have_the_longest_name_and_lifetime(backend: Backend) -> None:
    made = await add_machine(backend, "ü" * 255, default_token_ttl=315_360_000)

    assert (len(made["name"]), made["default_token_ttl"]) == (255, 315_360_000)


async def test_more_than_150_machines_to_reach_are_refused_unread(backend: Backend) -> None:
    answer = await backend.post("/v1/machines", name="orders", scoped_machines=["mch_x"] * 151)

    assert errors_of(answer) == {"scoped_machines": "form_param_format_invalid"}


async def test_another_instance_neither_sees_nor_changes_a_machine(
    server: TestServer, backend: Backend
) -> None:
    made = await add_machine(backend)
    neighbour, path = await server.neighbour(), f"/v1/machines/{made['id']}"
    own = await add_machine(neighbour, "own")

    assert await names(neighbour) == ["own"]
    assert await names(neighbour, query=made["id"]) == []
    for answer in (
        await neighbour.get(path),
        await neighbour.patch(path, name="mine"),
        await neighbour.delete(path),
        await neighbour.get(f"{path}/secret_key"),
        await neighbour.post(f"{path}/secret_key/rotate", previous_token_ttl=0),
        await neighbour.post(f"{path}/scopes", to_machine_id=own["id"]),
        await neighbour.post(f"/v1/machines/{own['id']}/scopes", to_machine_id=made["id"]),
        await neighbour.get("/v1/m2m_tokens", subject=made["id"]),
    ):
        assert error_of(answer)[:2] == (404, "resource_not_found")
    kept = {name: value for name, value in made.items() if name != "secret_key"}
    assert (await backend.get(path)).json() == kept
    assert (await as_machine(server, made).post("/v1/m2m_tokens")).status_code == 201
