"""Lists of memberships. These statements depend on the request, so they are here and not in `queries.py`."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from greffier.server.organizations.members.queries import (
    COUNT_OF_USER,
    MEMBERS_COUNT,
    MEMBERSHIP_LENGTH,
    PAGE_OF_USER,
    Membership,
    membership_of,
    select_memberships,
)
from greffier.server.organizations.tables import organization_memberships, organization_roles
from greffier.server.store.matching import contains
from greffier.server.users.search import (
    BY_PRIMARY,
    UserFilters,
    Values,
    identification_like,
    name_like,
    user_conditions,
)
from greffier.server.users.tables import UserRow, users
from greffier.server.web.context import Context
from greffier.server.web.operations.ordering import OrderKeys, ordered
from greffier.server.web.operations.pagination import Limit, Offset, PaginatedQuery

_members = organization_memberships.c
_SORT_KEYS: OrderKeys = {
    "created_at": _members.created_at,
    **BY_PRIMARY,
    "first_name": sa.func.lower(users.c.first_name),
    "last_name": sa.func.lower(users.c.last_name),
    "username": users.c.username,
}


class MembershipListQuery(UserFilters, kw_only=True):
    """Contract: the query of the Backend API's `ListOrganizationMemberships`."""

    limit: Limit = 10
    offset: Offset = 0
    role: Values = []
    order_by: str = "-created_at"


class PageQuery(msgspec.Struct, kw_only=True):
    """Contract: the query of `UsersGetOrganizationMemberships`."""

    limit: Limit = 10
    offset: Offset = 0


class MemberListQuery(PaginatedQuery, kw_only=True):
    """Contract: the query of the Frontend API's `ListOrganizationMemberships`."""

    query: str | None = None
    role: Values = []


async def list_members(
    ctx: Context, query: MembershipListQuery, *, organization_id: str | None = None
) -> tuple[list[tuple[Membership, UserRow]], int]:
    """One page of memberships with their users, and how many match.

    Args:
        organization_id: of this organization; of the whole instance when absent.

    Raises:
        ApiError: 422 for an unknown order.
    """
    conditions = [*user_conditions(ctx.instance.id, query), *_with_roles(query.role)]
    if organization_id is not None:
        conditions.append(_members.organization_id == organization_id)
    order = ordered(query.order_by, _SORT_KEYS, _members.id)
    return await _page(ctx, conditions, order, query.limit, query.offset)


async def list_members_for_member(
    ctx: Context, query: MemberListQuery, organization_id: str
) -> tuple[list[tuple[Membership, UserRow]], int]:
    """One page of an organization's members for one of them, newest first, and how many match. It is searched
    by what members may know of each other: not by what the application calls its users."""
    conditions = [_members.organization_id == organization_id, *_with_roles(query.role)]
    if query.query:
        conditions.append(
            sa.or_(
                identification_like(query.query),
                contains(users.c.id, query.query),
                contains(users.c.username, query.query),
                name_like(query.query),
            )
        )
    order = ordered("-created_at", _SORT_KEYS, _members.id)
    return await _page(ctx, conditions, order, query.limit, query.offset)


async def memberships_of_user(
    ctx: Context, user_id: str, query: PageQuery | PaginatedQuery
) -> tuple[list[Membership], int]:
    """One page of a user's memberships, newest first, and how many they have."""
    keys = {"instance_id": ctx.instance.id, "user_id": user_id}
    page = await ctx.db.all(PAGE_OF_USER, limit=query.limit, offset=query.offset, **keys)
    return page, await ctx.db.one(COUNT_OF_USER, **keys) or 0


async def _page(
    ctx: Context,
    conditions: list[sa.ColumnElement[bool]],
    order: list[sa.ColumnElement[Any]],
    limit: int,
    offset: int,
) -> tuple[list[tuple[Membership, UserRow]], int]:
    conditions = [_members.instance_id == ctx.instance.id, *conditions]
    page = (
        select_memberships(MEMBERS_COUNT, *users.c)
        .join(users, users.c.id == _members.user_id)
        .where(*conditions)
        .order_by(*order)
        .limit(limit)
        .offset(offset)
    )
    rows = organization_memberships.join(
        organization_roles, organization_roles.c.id == _members.role_id
    ).join(users, users.c.id == _members.user_id)
    return await ctx.db.select(page, _read), await ctx.db.count(rows, *conditions)


def _read(*values: Any) -> tuple[Membership, UserRow]:
    return membership_of(*values[:MEMBERSHIP_LENGTH]), UserRow(*values[MEMBERSHIP_LENGTH:])


def _with_roles(keys: list[str]) -> list[sa.ColumnElement[bool]]:
    return [organization_roles.c.key.in_(keys)] if keys else []
