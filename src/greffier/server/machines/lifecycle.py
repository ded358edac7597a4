"""Machines of an instance: made, shown, changed and removed. Their keys are in `keys.py`."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.machines.keys import add_key
from greffier.server.machines.queries import (
    DELETE_MACHINE,
    GET_MACHINE,
    INSERT_MACHINE,
    LOCK_MACHINE,
    REACHED_BY_MACHINE,
    UPDATE_MACHINE,
)
from greffier.server.machines.requests import MachinePatch, MachineRequest
from greffier.server.machines.scopes import add_first_scopes
from greffier.server.machines.tables import MachineRow
from greffier.server.store.ids import new_id
from greffier.server.web.context import Context


async def create_machine(ctx: Context, params: MachineRequest) -> tuple[MachineRow, str]:
    """A new machine and its secret key.

    Raises:
        ApiError: 422 when it shall reach a machine that the instance does not have.
    """
    row = MachineRow(
        id=new_id("mch", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        name=params.name,
        default_token_ttl=params.default_token_ttl,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await ctx.db.insert(INSERT_MACHINE, row)
    await add_first_scopes(ctx, row.id, params.scoped_machines)
    return row, await add_key(ctx, row.id)


async def get_machine(ctx: Context, machine_id: str) -> MachineRow:
    """Raises: ApiError: 404 when the instance has no such machine."""
    row = await ctx.db.one(GET_MACHINE, instance_id=ctx.instance.id, id=machine_id)
    if row is None:
        raise errors.not_found("machine")
    return row


async def reached_by(ctx: Context, machine_id: str) -> list[MachineRow]:
    """The machines that this one may reach, in the order in which that was allowed."""
    return await ctx.db.all(REACHED_BY_MACHINE, instance_id=ctx.instance.id, machine_id=machine_id)


async def update_machine(ctx: Context, machine_id: str, patch: MachinePatch) -> MachineRow:
    """Raises: ApiError: 404 when the instance has no such machine."""
    former = await ctx.db.one(LOCK_MACHINE, instance_id=ctx.instance.id, id=machine_id)
    if former is None:
        raise errors.not_found("machine")
    given = {
        name: value for name, value in msgspec.structs.asdict(patch).items() if value is not msgspec.UNSET
    }
    row = msgspec.structs.replace(former, **given, updated_at=ctx.now)
    await ctx.db.save(UPDATE_MACHINE, row)
    return row


async def delete_machine(ctx: Context, machine_id: str) -> None:
    """With it go its keys, its scopes in both directions and its opaque tokens.

    Raises:
        ApiError: 404 when the instance has no such machine.
    """
    if not await ctx.db.execute(DELETE_MACHINE, instance_id=ctx.instance.id, id=machine_id):
        raise errors.not_found("machine")
