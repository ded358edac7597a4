"""The applications of an instance in pages. These statements depend on the request, so they are here and
not in `queries.py`."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from greffier.server import errors
from greffier.server.oauth_provider.tables import OAuthApplicationRow, oauth_applications
from greffier.server.store.matching import contains
from greffier.server.web.context import Context
from greffier.server.web.pagination import Limit, Offset

_COLUMNS = oauth_applications.c
_SORT_KEYS: dict[str, sa.Column[Any]] = {"name": _COLUMNS.name, "created_at": _COLUMNS.created_at}


class OAuthApplicationListQuery(msgspec.Struct, kw_only=True):
    """Contract: the query of `ListOAuthApplications`. `name_query`: part of a name, or a client id."""

    limit: Limit = 10
    offset: Offset = 0
    order_by: str = "+created_at"
    name_query: str | None = None


async def list_applications(
    ctx: Context, query: OAuthApplicationListQuery
) -> tuple[list[OAuthApplicationRow], int]:
    """One page, and how many there are in all.

    Raises:
        ApiError: 422 for an unknown order.
    """
    conditions = [_COLUMNS.instance_id == ctx.instance.id]
    if query.name_query:
        conditions.append(
            sa.or_(_COLUMNS.client_id == query.name_query, contains(_COLUMNS.name, query.name_query))
        )
    page = (
        sa.select(oauth_applications)
        .where(*conditions)
        .order_by(*_order(query.order_by))
        .limit(query.limit)
        .offset(query.offset)
    )
    total = sa.select(sa.func.count()).select_from(oauth_applications).where(*conditions)
    return await ctx.db.select(page, OAuthApplicationRow), (await ctx.db.select(total, int))[0]


def _order(text: str) -> list[sa.ColumnElement[Any]]:
    """By the first of several. The id decides between equals; an unescaped `+` arrives as a space."""
    first = text.partition(",")[0]
    key = first[1:] if first[:1] in ("+", "-", " ") else first
    if key not in _SORT_KEYS:
        raise errors.invalid_params(errors.param_value_invalid("order_by", first[:64]))
    columns = (_SORT_KEYS[key], _COLUMNS.id)
    return [column.desc() if first.startswith("-") else column.asc() for column in columns]
