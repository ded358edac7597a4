"""The statements of a table of attempts, which sign-ins and sign-ups have one each of."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.store.statements import Row, Statement, insert, update

R = TypeVar("R", bound=Row)


class AttemptStatements(NamedTuple, Generic[R]):
    """By instance and client; the client's own attempts only."""

    get: Statement[R]
    lock: Statement[R]
    current: Statement[R]
    """The newest open one."""
    insert: Statement[None]
    update: Statement[None]
    abandon: Statement[None]
    """All open ones."""


def attempt_statements(
    table: sa.Table, row: type[R], *, is_unfinished: sa.ColumnElement[bool]
) -> AttemptStatements[R]:
    """Builds the statements.

    Args:
        is_unfinished: of attempts that can be continued, as long as their time is not over.
    """
    of_client = sa.and_(
        table.c.instance_id == bindparam("instance_id"), table.c.client_id == bindparam("client_id")
    )
    is_open = sa.and_(is_unfinished, table.c.abandon_at > bindparam("now"))
    one: sa.Select[Any] = sa.select(table).where(of_client, table.c.id == bindparam("id"))
    newest = (table.c.created_at.desc(), table.c.id.desc())
    abandoned: dict[str, Any] = {"status": "abandoned", "updated_at": bindparam("now")}
    return AttemptStatements(
        get=Statement(one, row),
        lock=Statement(one.with_for_update(), row, locks=True),
        current=Statement(sa.select(table).where(of_client, is_open).order_by(*newest).limit(1), row),
        insert=insert(table),
        update=update(table),
        abandon=Statement(sa.update(table).where(of_client, is_open).values(abandoned)),
    )
