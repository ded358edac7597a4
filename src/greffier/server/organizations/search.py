"""The Backend API's list of organizations. These statements depend on the request, so they are here and not
in `queries.py`.
"""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from greffier.server.organizations.members.queries import ADMINISTRATORS_COUNT, MEMBERS_COUNT
from greffier.server.organizations.tables import OrganizationRow, organization_memberships, organizations
from greffier.server.store.matching import contains
from greffier.server.users.search import Values
from greffier.server.web.context import Context
from greffier.server.web.operations.ordering import ordered
from greffier.server.web.operations.pagination import Limit, Offset

_SORT_KEYS: dict[str, sa.ColumnElement[Any]] = {
    "name": sa.func.lower(organizations.c.name),
    "created_at": organizations.c.created_at,
    "members_count": MEMBERS_COUNT,
}


class Included(msgspec.Struct, kw_only=True):
    """Contract: the query of `GetOrganization`."""

    include_members_count: bool | None = None
    include_missing_member_with_elevated_permissions: bool | None = None


class OrganizationListQuery(Included, kw_only=True):
    """Contract: the query of `ListOrganizations`."""

    limit: Limit = 10
    offset: Offset = 0
    query: str | None = None
    user_id: Values = []
    organization_id: Values = []
    order_by: str = "-created_at"


class Counted(msgspec.Struct, frozen=True):
    """An organization with the requested facts about its members."""

    row: OrganizationRow
    members_count: int | None
    missing_administrator: bool | None


async def list_organizations(ctx: Context, query: OrganizationListQuery) -> tuple[list[Counted], int]:
    """One page of the organizations that match, and how many do.

    Raises:
        ApiError: 422 for an unknown order.
    """
    conditions = _conditions(ctx, query)
    page = (
        _counted(query)
        .where(*conditions)
        .order_by(*ordered(query.order_by, _SORT_KEYS, organizations.c.id))
        .limit(query.limit)
        .offset(query.offset)
    )
    return await ctx.db.select(page, _read), await ctx.db.count(organizations, *conditions)


async def with_counts(ctx: Context, row: OrganizationRow, included: Included) -> Counted:
    if not (included.include_members_count or included.include_missing_member_with_elevated_permissions):
        return Counted(row, None, None)
    own = (organizations.c.instance_id == ctx.instance.id, organizations.c.id == row.id)
    return (await ctx.db.select(_counted(included).where(*own), _read))[0]


def _counted(included: Included) -> sa.Select[Any]:
    missing = included.include_missing_member_with_elevated_permissions
    return sa.select(
        *organizations.c,
        MEMBERS_COUNT if included.include_members_count else sa.null(),
        ADMINISTRATORS_COUNT if missing else sa.null(),
    )


def _read(*values: Any) -> Counted:
    *columns, members, administrators = values
    return Counted(OrganizationRow(*columns), members, None if administrators is None else not administrators)


def _conditions(ctx: Context, query: OrganizationListQuery) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [organizations.c.instance_id == ctx.instance.id]
    if query.query:
        conditions.append(
            sa.or_(
                organizations.c.id == query.query,
                contains(organizations.c.name, query.query),
                contains(organizations.c.slug, query.query),
            )
        )
    included, excluded = signed(query.organization_id)
    if included:
        conditions.append(organizations.c.id.in_(included))
    if excluded:
        conditions.append(organizations.c.id.not_in(excluded))
    included, excluded = signed(query.user_id)
    if included:
        conditions.append(_with_member(ctx, included))
    if excluded:
        conditions.append(~_with_member(ctx, excluded))
    return conditions


def signed(values: list[str]) -> tuple[list[str], list[str]]:
    """The values to include and to exclude: `-` before a value excludes it; `+`, which an unescaped URL turns
    into a space, does nothing.
    """
    included = [value.lstrip("+ ") for value in values if not value.startswith("-")]
    return included, [value[1:] for value in values if value.startswith("-")]


def _with_member(ctx: Context, user_ids: list[str]) -> sa.ColumnElement[bool]:
    members = organization_memberships.alias("members")
    return sa.exists().where(
        members.c.organization_id == organizations.c.id,
        members.c.instance_id == ctx.instance.id,
        members.c.user_id.in_(user_ids),
    )
