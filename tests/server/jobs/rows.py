"""Rows of any table, made up, with the values that matter."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from greffier.server.app import all_retention_rules
from greffier.server.jobs.purger import Purger
from greffier.server.store.all_tables import metadata
from greffier.server.store.database import Database
from greffier.server.store.ids import new_id
from greffier.server.store.statements import Statement, insert
from tests.support.server import TestServer

RETENTION_RULES = {one.table: one for one in all_retention_rules()}
_NEVER = 1 << 45
"""Milliseconds since the epoch, in a thousand years."""
_ENDED: dict[str, dict[str, Any]] = {
    "sessions": {"status": "removed", "expire_at": _NEVER, "abandon_at": _NEVER}
}
"""Further columns of a row that may be purged, where its time alone does not decide."""
_numbers = itertools.count(1)


def own_id(server: TestServer) -> str:
    return server.app.instances.ids()[0]


def purger(server: TestServer, instance_ids: Sequence[str] | None = None) -> Purger:
    """Another worker; of these instances, or of all."""
    chosen = server.app.instances.ids if instance_ids is None else lambda: instance_ids
    return Purger(server.app.database, server.clock, list(RETENTION_RULES.values()), chosen)


async def add_old(
    server: TestServer, table: str, instance_id: str, *, late: int = -1000, **values: Any
) -> str:
    """A row whose time was over a second ago, or is `late` milliseconds from now; its id."""
    one = RETENTION_RULES[table]
    moment = server.clock.now_ms() - one.keep + late
    values = _ENDED.get(table, {}) | {"updated_at": moment, one.by.name: moment} | values
    known = {name: value for name, value in values.items() if name in one.by.table.c}
    return await add_row(server.app.database, metadata.tables[table], instance_id, **known)


async def add_row(database: Database, table: sa.Table, instance_id: str, **values: Any) -> str:
    """One row; its id. What its foreign keys name is made up too."""
    row = {column.name: _value(column) for column in table.columns} | {"instance_id": instance_id} | values
    for column in table.columns:
        for key in column.foreign_keys:
            if row[column.name] is not None and column.name not in ("instance_id", *values):
                row[column.name] = await add_row(database, key.column.table, instance_id)
    async with database.transaction() as db:
        await db.execute(insert(table), **row)
    return row["id"]


async def ids_of(database: Database, table: sa.Table, *instance_ids: str) -> set[str]:
    """Of these instances' rows; of all without any."""
    query = sa.select(table.c.id)
    if instance_ids:
        query = query.where(table.c.instance_id.in_(instance_ids))
    async with database.transaction() as db:
        return set(await db.all(Statement[str](query)))


def _value(column: sa.Column[Any]) -> Any:
    if column.name == "id":
        return new_id("row", now_ms=2_000_000_000_000 - next(_numbers))
    if column.nullable:
        return None
    if isinstance(column.type, sa.Boolean):
        return False
    if column.primary_key:
        return next(_numbers)
    if isinstance(column.type, sa.Integer):
        return _NEVER if column.name.endswith("_at") else 0
    return {} if isinstance(column.type, sa.JSON) else secrets.token_hex(8)
