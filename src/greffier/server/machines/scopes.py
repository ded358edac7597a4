"""Scopes: the machines that a machine may reach. Each is for one direction."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server import errors
from greffier.server.machines.queries import DELETE_SCOPE, INSERT_SCOPE, SCOPES_OF_MACHINE
from greffier.server.machines.requests import MAX_SCOPES
from greffier.server.machines.tables import MachineRow, MachineScopeRow, machines
from greffier.server.store.ids import new_id
from greffier.server.store.statements import Statement
from greffier.server.web.context import Context


async def scopes_of(ctx: Context, machine_id: str) -> list[str]:
    """Ids of the machines that this one may reach now, sorted."""
    return await ctx.db.all(SCOPES_OF_MACHINE, instance_id=ctx.instance.id, machine_id=machine_id)


async def add_first_scopes(ctx: Context, machine_id: str, others: list[str]) -> None:
    """Add the scopes of a new machine; a machine named twice counts once.

    Raises:
        ApiError: 422 at `scoped_machines` for those that the instance does not have.
    """
    wanted = list(dict.fromkeys(others))
    there = await _held(ctx, wanted)
    unknown = [other for other in wanted if other not in there]
    if unknown:
        raise errors.invalid_params(
            *(errors.param_value_invalid("scoped_machines", other[:64]) for other in unknown)
        )
    for other in wanted:
        await _add(ctx, machine_id, other)


async def create_scope(ctx: Context, machine_id: str, other_id: str) -> MachineScopeRow:
    """Raises: ApiError: 404 when the instance does not have both, 409 when there is such a scope already,
    422 when they are the same machine, or when it would be one too many."""
    if other_id == machine_id:
        why = "to_machine_id must be another machine: none needs a scope to reach itself."
        raise errors.invalid_params(errors.param_format_invalid("to_machine_id", why))
    if len(await _held(ctx, [machine_id, other_id])) < 2:
        raise errors.not_found("machine")
    existing = await scopes_of(ctx, machine_id)
    if other_id in existing:
        raise errors.machine_scope_exists()
    if len(existing) >= MAX_SCOPES:
        raise errors.too_many_machine_scopes(MAX_SCOPES)
    return await _add(ctx, machine_id, other_id)


async def delete_scope(ctx: Context, machine_id: str, other_id: str) -> None:
    """Opaque tokens made before reach the other machine no longer, from now on.

    Raises:
        ApiError: 404 when there is no such scope.
    """
    deleted = await ctx.db.execute(
        DELETE_SCOPE, instance_id=ctx.instance.id, machine_id=machine_id, to_machine_id=other_id
    )
    if not deleted:
        raise errors.not_found("machine scope")


async def _add(ctx: Context, machine_id: str, other_id: str) -> MachineScopeRow:
    row = MachineScopeRow(
        id=new_id("mscp", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        from_machine_id=machine_id,
        to_machine_id=other_id,
        created_at=ctx.now,
    )
    await ctx.db.insert(INSERT_SCOPE, row)
    return row


async def _held(ctx: Context, machine_ids: list[str]) -> set[str]:
    """Those of these machines that the instance has. They stay until the request ends, and are locked in one
    order, so that two requests about the same machines do not wait for each other."""
    if not machine_ids:
        return set()
    statement = (
        sa.select(machines)
        .where(machines.c.instance_id == ctx.instance.id, machines.c.id.in_(machine_ids))
        .order_by(machines.c.id)
        .with_for_update()
    )
    return {row.id for row in await ctx.db.all(Statement(statement, MachineRow, locks=True))}
