"""The one `MetaData` of all rooms and the column kinds they use.

Times are milliseconds since the epoch (`BigInteger`), ids are text, JSON is `JSONB` on PostgreSQL and text
on SQLite. No database extension is needed. Partial indexes have `sqlite_where` alone: migrations make those
of PostgreSQL, and naming it here would load its dialect into every server. A test compares the two.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.type_api import TypeEngine

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Json(sa.TypeDecorator[Any]):
    """A document. Its type on PostgreSQL is imported by the servers that have one."""

    impl = sa.JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return super().load_dialect_impl(dialect)
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB())


SHOWN_IN_CLIENT = "shown_in_client"
"""Key of `Table.info`: the client resource shows rows of this table."""


def shown_in_client(whose: str | None = None) -> dict[str, Any]:
    """`Table.info` of a table whose rows are part of the client resource.

    Args:
        whose: the column that names the client or the user whose row it is. `None` where a row does not say
            it: then what the requests of a browser write is taken for the browser's own.
    """
    return {SHOWN_IN_CLIENT: whose}


def id_column() -> sa.Column[str]:
    return sa.Column("id", sa.Text, primary_key=True)


def instance_column() -> sa.Column[str]:
    """Every row belongs to an instance, and every query names it."""
    return sa.Column(
        "instance_id", sa.Text, sa.ForeignKey("instances.id", ondelete="CASCADE"), nullable=False
    )


def text(name: str, *, null: bool = False, **kw: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null, **kw)


def millis(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null)


def integer(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=null)


def boolean(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(create_constraint=False), nullable=False)


def json(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Json(), nullable=null)
