"""The machines of an instance in pages. These statements depend on the request, so they are here and not in
`queries.py`."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from greffier.server.machines.tables import MachineRow, machine_scopes, machines
from greffier.server.store.matching import contains
from greffier.server.web.context import Context
from greffier.server.web.operations.ordering import OrderKeys, ordered
from greffier.server.web.operations.pagination import Limit, Offset

_SORT_KEYS: OrderKeys = {"name": machines.c.name, "created_at": machines.c.created_at}


class MachineListQuery(msgspec.Struct, kw_only=True):
    """Contract: the query of `ListMachines`."""

    limit: Limit = 10
    offset: Offset = 0
    query: str | None = None
    order_by: str = "-created_at"


async def list_machines(ctx: Context, query: MachineListQuery) -> list[MachineRow]:
    """One page of the machines that match.

    Raises:
        ApiError: 422 for an unknown order.
    """
    statement = (
        sa.select(machines)
        .where(*_conditions(ctx, query))
        .order_by(*ordered(query.order_by, _SORT_KEYS, machines.c.id))
        .limit(query.limit)
        .offset(query.offset)
    )
    return await ctx.db.select(statement, MachineRow)


async def count_machines(ctx: Context, query: MachineListQuery) -> int:
    return await ctx.db.count(machines, *_conditions(ctx, query))


async def reached_by_each(ctx: Context, rows: list[MachineRow]) -> dict[str, list[MachineRow]]:
    """For each of these machines the ones it may reach, in the order in which that was allowed."""
    reached: dict[str, list[MachineRow]] = {row.id: [] for row in rows}
    statement = (
        sa.select(machine_scopes.c.from_machine_id, *machines.c)
        .join(machines, machine_scopes.c.to_machine_id == machines.c.id)
        .where(
            machine_scopes.c.instance_id == ctx.instance.id,
            machine_scopes.c.from_machine_id.in_(list(reached)),
        )
        .order_by(machine_scopes.c.created_at, machines.c.id)
    )
    for from_id, other in await ctx.db.select(statement, _from_and_to):
        reached[from_id].append(other)
    return reached


def _from_and_to(from_id: str, *values: Any) -> tuple[str, MachineRow]:
    return from_id, MachineRow(*values)


def _conditions(ctx: Context, query: MachineListQuery) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [machines.c.instance_id == ctx.instance.id]
    if query.query:
        conditions.append(sa.or_(machines.c.id == query.query, contains(machines.c.name, query.query)))
    return conditions
