"""The instance's key, and a machine that reaches another one."""

from __future__ import annotations

import pytest

from tests.support.machines import add_machine, as_machine
from tests.support.server import Backend, JsonObject, TestServer


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


@pytest.fixture
async def stock(backend: Backend) -> JsonObject:
    return await add_machine(backend, "stock")


@pytest.fixture
async def orders(backend: Backend, stock: JsonObject) -> JsonObject:
    return await add_machine(backend, "orders", scoped_machines=[stock["id"]])


@pytest.fixture
def asking(server: TestServer, orders: JsonObject) -> Backend:
    return as_machine(server, orders)
