"""Lists of sessions. These statements depend on the request, so they are here and not in `queries.py`."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa

from greffier.server.sessions.tables import SessionRow, sessions
from greffier.server.web.context import Context
from greffier.server.web.operations.pagination import PaginatedQuery

Status = Literal["abandoned", "active", "ended", "expired", "pending", "removed", "replaced", "revoked"]


class SessionListQuery(PaginatedQuery, kw_only=True):
    """Contract: the query of `GetSessionList`."""

    client_id: str | None = None
    user_id: str | None = None
    status: Status | None = None


async def list_sessions(ctx: Context, query: SessionListQuery) -> list[SessionRow]:
    """One page, newest first."""
    statement = (
        sa.select(sessions)
        .where(*_conditions(ctx, query))
        .order_by(sessions.c.created_at.desc(), sessions.c.id.desc())
        .limit(query.limit)
        .offset(query.offset)
    )
    return await ctx.db.select(statement, SessionRow)


async def count_sessions(ctx: Context, query: SessionListQuery) -> int:
    return await ctx.db.count(sessions, *_conditions(ctx, query))


def _conditions(ctx: Context, query: SessionListQuery) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [sessions.c.instance_id == ctx.instance.id]
    if query.client_id is not None:
        conditions.append(sessions.c.client_id == query.client_id)
    if query.user_id is not None:
        conditions.append(sessions.c.user_id == query.user_id)
    if query.status is not None:
        conditions.append(_has_status(query.status, ctx.now))
    return conditions


def _has_status(status: Status, now: int) -> sa.ColumnElement[bool]:
    """The status on the wire, as `lifecycle.status_of` computes it for one session."""
    begun: Any = sessions.c.status.in_(["active", "pending"])
    lasting, used = sessions.c.expire_at > now, sessions.c.abandon_at > now
    if status == "expired":
        return sa.and_(begun, sa.not_(lasting))
    if status == "abandoned":
        return sa.and_(begun, lasting, sa.not_(used))
    if status in ("active", "pending"):
        return sa.and_(sessions.c.status == status, lasting, used)
    return sessions.c.status == status
