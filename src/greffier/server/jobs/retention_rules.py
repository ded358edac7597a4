"""The retention rules of a room: which of its rows are purged, and when."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.store.statements import Statement

HOUR = 3600 * 1000
DAY = 24 * HOUR


class Cursor(NamedTuple):
    """The position of a row in the order of a table's index."""

    at: int
    id: str


START = Cursor(-1, "")


class RetentionRule:
    """Rows of one table that are purged some time after a moment that they name.

    Args:
        by: the column with that moment, in milliseconds. An index on `instance_id`, this column and `id`
            finds them; ids alone do not do, because a PostgreSQL database may sort them by its language.
        keep: milliseconds between that moment and the end.
        only: of these rows those that may go; `bindparam("before")` in it is the moment `keep` ago.
    """

    def __init__(self, by: sa.Column[int], *, keep: int, only: sa.ColumnElement[bool] | None = None) -> None:
        table = by.table
        of_instance = table.c.instance_id == bindparam("instance_id")
        cursor = sa.tuple_(by, table.c.id)
        due = (of_instance, by < bindparam("before"), cursor > _cursor("after"))
        going = (*due, cursor <= _cursor("last"), sa.true() if only is None else only)
        self.by = by
        self.table: str = table.description
        self.keep = keep
        self.everything = only is None
        self.due = Statement(
            sa.select(by, table.c.id).where(*due).order_by(by, table.c.id).limit(bindparam("most")), Cursor
        )
        """The next rows that are old enough, whether or not they may go: a look ends, however many stay."""
        chosen = sa.select(table.c.id).where(*going).with_for_update(skip_locked=True)
        # No instance beside the ids: SQLite would go through all of its rows instead.
        self.purge: Statement[Any] = Statement(sa.delete(table).where(table.c.id.in_(chosen)))
        """Of these rows those that may go. Rows that a request has locked are left for the next time, so that
        neither waits for the other.
        """


def _cursor(name: str) -> sa.Tuple:
    return sa.tuple_(bindparam(f"{name}_at", type_=sa.BigInteger), bindparam(f"{name}_id", type_=sa.Text))
