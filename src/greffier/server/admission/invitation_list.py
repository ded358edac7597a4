"""The invitations of an instance in pages. These statements depend on the request, so they are here and not
in `queries.py`."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa

from greffier.server.admission.tables import InvitationRow, invitations
from greffier.server.identifications.email_addresses.searching import address_contains
from greffier.server.web.context import Context
from greffier.server.web.operations.ordering import OrderKeys, ordered
from greffier.server.web.operations.pagination import PaginatedQuery

_invitations = invitations.c
_SORT_KEYS: OrderKeys = {
    "created_at": _invitations.created_at,
    "email_address": _invitations.canonical,
    "expires_at": _invitations.expire_at,
}


class InvitationListQuery(PaginatedQuery, kw_only=True):
    """Contract: the query of `ListInvitations`."""

    status: Literal["pending", "accepted", "revoked", "expired"] | None = None
    query: str | None = None
    order_by: str = "-created_at"


async def list_invitations(ctx: Context, query: InvitationListQuery) -> list[InvitationRow]:
    """One page of the invitations that match; without a status, of those that are not revoked.

    Raises:
        ApiError: 422 for an unknown order.
    """
    statement = (
        sa.select(invitations)
        .where(*_conditions(ctx, query))
        .order_by(*ordered(query.order_by, _SORT_KEYS, _invitations.id))
        .limit(query.limit)
        .offset(query.offset)
    )
    return await ctx.db.select(statement, InvitationRow)


async def count_invitations(ctx: Context, query: InvitationListQuery) -> int:
    return await ctx.db.count(invitations, *_conditions(ctx, query))


def _conditions(ctx: Context, query: InvitationListQuery) -> list[sa.ColumnElement[bool]]:
    conditions = [_invitations.instance_id == ctx.instance.id, _has_status(query.status, ctx.now)]
    if query.query:
        conditions.append(sa.or_(_invitations.id == query.query, address_contains(invitations, query.query)))
    return conditions


def _has_status(status: str | None, now: int) -> sa.ColumnElement[bool]:
    """Nothing marks an invitation when it expires; the clock decides."""
    match status:
        case None:
            return _invitations.status != "revoked"
        case "pending":
            return sa.and_(_invitations.status == "pending", _invitations.expire_at > now)
        case "expired":
            return sa.and_(_invitations.status == "pending", _invitations.expire_at <= now)
        case _:
            return _invitations.status == status
