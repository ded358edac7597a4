"""Columns whose values are encrypted at rest: declared here, sealed where they are written, unsealed where
they are used. `server/reencryption.py` finds all of them.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.store.database import Database, Transaction
from greffier.server.store.tables import text

Sealed = Database | Transaction
"""A database in which secrets are sealed by its keys."""

_OWNER = "sealed for"
"""Key of `Column.info`: the owner of a value, to which it is bound."""


def sealed_text(name: str, *, null: bool = False, owner: str | None = None) -> sa.Column[str]:
    """A column of secrets.

    Args:
        owner: the owner, with columns of the row in braces. Absent: the place of the value.
    """
    return text(name, null=null, info={_OWNER: owner})


def seal(db: Sealed, column: sa.Column[Any], secret: str, **owner: str) -> str:
    """A secret as it is stored.

    Args:
        owner: the columns that name its owner; the row's `id` unless the column says otherwise.
    """
    return db.encryption.seal(secret, bound_to=owner_of(column, owner))


def unseal(db: Sealed, column: sa.Column[Any], stored: str, **owner: str) -> str:
    """A secret that was stored.

    Raises:
        Undecryptable: its key is not there.
    """
    return db.encryption.unseal(stored, bound_to=owner_of(column, owner))


def owner_of(column: sa.Column[Any], row: dict[str, str]) -> str:
    """The owner to which a value of this row is bound."""
    return (column.info[_OWNER] or f"{column.table.name}.{column.name}:{{id}}").format(**row)


def owner_columns(column: sa.Column[Any]) -> list[str]:
    """The columns that name the owner."""
    pattern: str = column.info[_OWNER] or "{id}"
    return [name for name in column.table.c.keys() if f"{{{name}}}" in pattern]  # noqa: SIM118 - no dictionary


def sealed_columns(metadata: sa.MetaData) -> list[sa.Column[Any]]:
    """All of these tables, those of instances first."""
    found = [c for table in metadata.tables.values() for c in table.c if _OWNER in c.info]
    return sorted(found, key=lambda c: (c.table.name != "instances", c.table.name, c.name))
