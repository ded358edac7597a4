"""Changing the settings of a test's instance while its server runs."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.instances.tables import instances
from greffier.server.store.statements import Statement
from greffier.server.web.instance.settings import InstanceSettings
from tests.support.server import TestServer

_WRITE: Statement[None] = Statement(
    sa.update(instances)
    .where(instances.c.id == bindparam("instance"))
    .values(settings=bindparam("document", type_=instances.c.settings.type))
)


def _merged(into: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(into)
    for name, value in changes.items():
        merged[name] = _merged(merged.get(name, {}), value) if isinstance(value, dict) else value
    return merged


async def configure(server: TestServer, changes: dict[str, Any]) -> None:
    """Change what `changes` names, at any depth, in the settings of every instance of this server."""
    for instance in server.app.instances:
        document = _merged(msgspec.to_builtins(instance.settings), changes)
        msgspec.convert(document, InstanceSettings)  # a mistake in a test shows here
        async with server.app.database.transaction() as db:
            await db.execute(_WRITE, instance=instance.id, document=document)
    await server.app.reload()
