"""Machines for tests: made by the instance's key, and asking by their own."""

from __future__ import annotations

from typing import Any

from tests.support.server import Backend, JsonObject, TestServer


async def add_machine(backend: Backend, name: str = "orders", **fields: Any) -> JsonObject:
    """A new machine as it is answered, with its `secret_key`."""
    response = await backend.post("/v1/machines", name=name, **fields)
    assert response.status_code == 200, response.text
    return response.json()


def as_machine(server: TestServer, machine: JsonObject) -> Backend:
    """Asks by the machine's own key."""
    return server.backend(secret_key=machine["secret_key"])


async def add_token(asking: Backend, **fields: Any) -> JsonObject:
    """A new M2M token of the machine that asks, with its `token`."""
    response = await asking.post("/v1/m2m_tokens", **fields)
    assert response.status_code == 201, response.text
    return response.json()
