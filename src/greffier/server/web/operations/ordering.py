"""Orders that a list may be asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from greffier.server import errors

OrderKeys = Mapping[str, sa.ColumnElement[Any] | None]
"""The keys by which a list may be ordered; `None` where no row has such a value yet."""


def ordered(text: str, keys: OrderKeys, last: sa.ColumnElement[Any]) -> list[sa.ColumnElement[Any]]:
    """The columns to order by. An unescaped `+` arrives as a space.

    Args:
        last: decides between equals, so that pages never overlap.

    Raises:
        ApiError: 422 for an unknown order.
    """
    key = text[1:] if text[:1] in ("+", "-", " ") else text
    if key not in keys:
        raise errors.invalid_params(errors.param_value_invalid("order_by", text[:64]))
    columns = [column for column in (keys[key], last) if column is not None]
    return [_directed(column, descends=text.startswith("-")) for column in columns]


def _directed(column: sa.ColumnElement[Any], *, descends: bool) -> sa.ColumnElement[Any]:
    """Nulls come last; said only where there may be some, as it keeps databases from reading an index."""
    directed = column.desc() if descends else column.asc()
    return directed if isinstance(column, sa.Column) and not column.nullable else directed.nulls_last()
