"""Machines and M2M tokens, as the application's servers and the machines themselves see them."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.machines import keys, lifecycle, listing, scopes
from greffier.server.machines.listing import MachineListQuery
from greffier.server.machines.m2m import tokens as m2m_tokens
from greffier.server.machines.m2m import verification as m2m_verification
from greffier.server.machines.m2m.verification import M2mTokenListQuery
from greffier.server.machines.resources import (
    CreatedMachine,
    DeletedMachine,
    DeletedMachineScope,
    M2mToken,
    M2mTokenList,
    M2mTokenRequest,
    Machine,
    MachinePatch,
    MachineRequest,
    MachineScope,
    MachineScopeRequest,
    MachineSecretKey,
    RevocationRequest,
    RotationRequest,
    VerificationRequest,
    created_machine,
    machine,
    machine_scope,
)
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import Created, backend_api
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
async def delete_machine(ctx: Context, machine_id: str) -> DeletedMachine:
    await lifecycle.delete_machine(ctx, machine_id)
    return DeletedMachine(id=machine_id)


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


@backend_api.post("/v1/m2m_tokens", machines=True, invalid_status=400)
async def create_m2m_token(ctx: Context, params: M2mTokenRequest) -> Created:
    return Created(await m2m_tokens.create_token(ctx, params))


@backend_api.get("/v1/m2m_tokens", machines=True, invalid_status=400)
async def get_m2m_tokens(ctx: Context, query: M2mTokenListQuery) -> M2mTokenList:
    return await m2m_verification.list_tokens(ctx, query)


@backend_api.post("/v1/m2m_tokens/{m2m_token_id}/revoke", machines=True, invalid_status=400)
async def revoke_m2m_token(ctx: Context, m2m_token_id: str, params: RevocationRequest) -> M2mToken:
    return await m2m_verification.revoke_token(ctx, m2m_token_id, params.revocation_reason)


@backend_api.post("/v1/m2m_tokens/verify", machines=True, invalid_status=400)
async def verify_m2m_token(ctx: Context, params: VerificationRequest) -> M2mToken:
    token = params.token or params.secret or params.access_token
    if not token:
        raise errors.invalid_params(errors.param_missing("token"))
    return await m2m_verification.verify_token(ctx, token)
