"""Lists of API keys. These statements depend on the request, so they are here and not in `queries.py`."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server.machines.api_keys.requests import ApiKeyQuery
from greffier.server.machines.tables import ApiKeyRow, api_keys
from greffier.server.store.matching import contains
from greffier.server.web.context import Context


async def list_keys(ctx: Context, query: ApiKeyQuery) -> tuple[list[ApiKeyRow], int]:
    """One page of a subject's keys, newest first, and how many there are in all."""
    conditions = _conditions(ctx, query)
    page = (
        sa.select(api_keys)
        .where(*conditions)
        .order_by(api_keys.c.created_at.desc(), api_keys.c.id.desc())
        .limit(int(query.limit))
        .offset(int(query.offset or 0))
    )
    return await ctx.db.select(page, ApiKeyRow), await ctx.db.count(api_keys, *conditions)


def _conditions(ctx: Context, query: ApiKeyQuery) -> list[sa.ColumnElement[bool]]:
    conditions = [
        api_keys.c.instance_id == ctx.instance.id,
        api_keys.c.subject == query.subject,
        api_keys.c.type == query.type,
    ]
    if not query.include_invalid:
        now = sa.literal(ctx.now, sa.BigInteger)
        conditions += [
            api_keys.c.revoked == sa.false(),
            sa.or_(api_keys.c.expire_at.is_(None), api_keys.c.expire_at > now),
        ]
    if query.query:
        conditions.append(contains(api_keys.c.name, query.query))
    return conditions
