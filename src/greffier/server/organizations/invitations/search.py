"""Lists of invitations to organizations. These statements depend on the request, so they are here and not in
`queries.py`.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import sqlalchemy as sa

from greffier.server.delivery.addresses import canonical
from greffier.server.identifications.email_addresses.searching import address_contains
from greffier.server.organizations.invitations.queries import Invitation, invitation_of, select_invitations
from greffier.server.organizations.queries import invitations
from greffier.server.organizations.tables import organization_invitations
from greffier.server.web.context import Context
from greffier.server.web.operations.ordering import OrderKeys, ordered
from greffier.server.web.operations.pagination import Limit, Offset

Status = Literal["pending", "accepted", "revoked", "expired"]

_SORT_KEYS: OrderKeys = {"created_at": invitations.created_at, "email_address": invitations.canonical}


class InvitationListQuery(msgspec.Struct, kw_only=True):
    """Contract: the queries of the lists of invitations; each operation knows some of these."""

    limit: Limit = 10
    offset: Offset = 0
    status: Status | Literal["invalid", "completed"] | None = None
    email_address: str | None = None
    query: str | None = None
    order_by: str = "-created_at"


async def list_invitations(
    ctx: Context,
    query: InvitationListQuery,
    *,
    organization_id: str | None = None,
    addresses: list[str] | None = None,
) -> tuple[list[Invitation], int]:
    """One page of the invitations that match, and how many do.

    Args:
        organization_id: of this organization; of any when absent.
        addresses: to these addresses, in canonical form; to any when absent.

    Raises:
        ApiError: 422 for an unknown order.
    """
    conditions = [invitations.instance_id == ctx.instance.id]
    if organization_id is not None:
        conditions.append(invitations.organization_id == organization_id)
    if addresses is not None:
        conditions.append(invitations.canonical.in_(addresses))
    if query.status:
        conditions.append(_has_status(query.status, ctx.now))
    if query.email_address:
        conditions.append(invitations.canonical == canonical(query.email_address))
    if query.query:
        conditions.append(address_contains(organization_invitations, query.query))
    page = (
        select_invitations()
        .where(*conditions)
        .order_by(*ordered(query.order_by, _SORT_KEYS, invitations.id))
        .limit(query.limit)
        .offset(query.offset)
    )
    total = await ctx.db.count(organization_invitations, *conditions)
    return await ctx.db.select(page, invitation_of), total


def _has_status(status: str, now: int) -> sa.ColumnElement[bool]:
    """Nothing marks an invitation when it expires; the clock decides."""
    moment = sa.literal(now, sa.BigInteger)
    match status:
        case "pending":
            return sa.and_(invitations.status == "pending", invitations.expire_at > moment)
        case "expired":
            return sa.and_(invitations.status == "pending", invitations.expire_at <= moment)
        case _:
            return invitations.status == sa.literal(status)
