"""The applications of an instance in pages. These statements depend on the request, so they are here and
not in `queries.py`."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from greffier.server.oauth_provider.tables import OAuthApplicationRow, oauth_applications
from greffier.server.store.matching import contains
from greffier.server.web.context import Context
from greffier.server.web.operations.ordering import OrderKeys, ordered
from greffier.server.web.operations.pagination import Limit, Offset

_COLUMNS = oauth_applications.c
_SORT_KEYS: OrderKeys = {"name": _COLUMNS.name, "created_at": _COLUMNS.created_at}


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
        .order_by(*ordered(query.order_by.partition(",")[0], _SORT_KEYS, _COLUMNS.id))
        .limit(query.limit)
        .offset(query.offset)
    )
    return await ctx.db.select(page, OAuthApplicationRow), await ctx.db.count(oauth_applications, *conditions)
