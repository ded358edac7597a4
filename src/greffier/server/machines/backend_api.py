"""Machines, their keys and their scopes, as the application's servers see them."""

from __future__ import annotations

from greffier.server.machines import keys, lifecycle, listing, scopes
from greffier.server.machines.listing import MachineListQuery
from greffier.server.machines.requests import (
    MachinePatch,
    MachineRequest,
    MachineScopeRequest,
    RotationRequest,
)
from greffier.server.machines.resources import (
    CreatedMachine,
    DeletedMachineScope,
    Machine,
    MachineScope,
    MachineSecretKey,
    created_machine,
    machine,
    machine_scope,
)
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.deleted import DeletedObject as DeletedObject
from greffier.server.web.operations.pagination import Page


@backend_api.get("/v1/machines")
async def list_machines(ctx: Context, query: MachineListQuery) -> Page[Machine]:
    rows = await listing.list_machines(ctx, query)
    reached = await listing.reached_by_each(ctx, rows)
    shown = [machine(row, reached[row.id]) for row in rows]
    return Page(shown, await listing.count_machines(ctx, query))


@backend_api.post("/v1/machines")
async def create_machine(ctx: Context, params: MachineRequest) -> CreatedMachine:
    row, secret_key = await lifecycle.create_machine(ctx, params)
    return created_machine(row, await lifecycle.reached_by(ctx, row.id), secret_key)


@backend_api.get("/v1/machines/{machine_id}")
async def get_machine(ctx: Context, machine_id: str) -> Machine:
    row = await lifecycle.get_machine(ctx, machine_id)
    return machine(row, await lifecycle.reached_by(ctx, row.id))


@backend_api.patch("/v1/machines/{machine_id}")
async def update_machine(ctx: Context, machine_id: str, params: MachinePatch) -> Machine:
    row = await lifecycle.update_machine(ctx, machine_id, params)
    return machine(row, await lifecycle.reached_by(ctx, row.id))


@backend_api.delete("/v1/machines/{machine_id}")
async def delete_machine(ctx: Context, machine_id: str) -> DeletedObject:
    await lifecycle.delete_machine(ctx, machine_id)
    return DeletedObject(object="machine", id=machine_id)


@backend_api.get("/v1/machines/{machine_id}/secret_key")
async def get_machine_secret_key(ctx: Context, machine_id: str) -> MachineSecretKey:
    return MachineSecretKey(secret=await keys.show_key(ctx, machine_id))


@backend_api.post("/v1/machines/{machine_id}/secret_key/rotate")
async def rotate_machine_secret_key(
    ctx: Context, machine_id: str, params: RotationRequest
) -> MachineSecretKey:
    secret = await keys.rotate_key(ctx, machine_id, overlap=params.previous_token_ttl)
    return MachineSecretKey(secret=secret)


@backend_api.post("/v1/machines/{machine_id}/scopes")
async def create_machine_scope(ctx: Context, machine_id: str, params: MachineScopeRequest) -> MachineScope:
    return machine_scope(await scopes.create_scope(ctx, machine_id, params.to_machine_id))


@backend_api.delete("/v1/machines/{machine_id}/scopes/{other_machine_id}")
async def delete_machine_scope(ctx: Context, machine_id: str, other_machine_id: str) -> DeletedMachineScope:
    await scopes.delete_scope(ctx, machine_id, other_machine_id)
    return DeletedMachineScope(from_machine_id=machine_id, to_machine_id=other_machine_id)
