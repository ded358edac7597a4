"""Lists of roles and of permissions. These statements depend on the request, so they are here and not in
`queries.py`.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from greffier.server.organizations.roles.queries import permissions_of_roles
from greffier.server.organizations.roles.system_roles import ensure_roles
from greffier.server.organizations.tables import (
    PermissionRow,
    RoleRow,
    organization_permissions,
    organization_roles,
)
from greffier.server.store.matching import contains
from greffier.server.web.context import Context
from greffier.server.web.operations.ordering import ordered
from greffier.server.web.operations.pagination import Limit, Offset

R = TypeVar("R")


class RoleListQuery(msgspec.Struct, kw_only=True):
    """Contract: the query of the Frontend API's `ListOrganizationRoles`."""

    limit: Limit = 10
    offset: Offset = 0


class NamedListQuery(RoleListQuery, kw_only=True):
    """Contract: the queries of `ListOrganizationRoles` and `ListOrganizationPermissions`."""

    query: str | None = None
    order_by: str = "-created_at"


async def list_roles(
    ctx: Context, query: NamedListQuery
) -> tuple[list[tuple[RoleRow, list[PermissionRow]]], int]:
    """One page of the instance's roles with their permissions, and how many match.

    Raises:
        ApiError: 422 for an unknown order.
    """
    await ensure_roles(ctx)
    rows, total = await _page(ctx, organization_roles, RoleRow, query)
    permissions: dict[str, list[PermissionRow]] = {row.id: [] for row in rows}
    for role_id, row in await ctx.db.select(permissions_of_roles(ctx.instance.id, list(permissions)), _pair):
        permissions[role_id].append(row)
    return [(row, permissions[row.id]) for row in rows], total


def _pair(role_id: str, *values: Any) -> tuple[str, PermissionRow]:
    return role_id, PermissionRow(*values)


async def list_permissions(ctx: Context, query: NamedListQuery) -> tuple[list[PermissionRow], int]:
    """One page of the instance's permissions, and how many match.

    Raises:
        ApiError: 422 for an unknown order.
    """
    await ensure_roles(ctx)
    return await _page(ctx, organization_permissions, PermissionRow, query)


async def _page(ctx: Context, table: sa.Table, row: type[R], query: NamedListQuery) -> tuple[list[R], int]:
    conditions: list[sa.ColumnElement[bool]] = [table.c.instance_id == ctx.instance.id]
    if query.query:
        conditions.append(
            sa.or_(
                table.c.id == query.query,
                contains(table.c.name, query.query),
                contains(table.c.key, query.query),
            )
        )
    keys = {"created_at": table.c.created_at, "name": sa.func.lower(table.c.name), "key": table.c.key}
    page = (
        sa.select(table)
        .where(*conditions)
        .order_by(*ordered(query.order_by, keys, table.c.id))
        .limit(query.limit)
        .offset(query.offset)
    )
    return await ctx.db.select(page, row), await ctx.db.count(table, *conditions)


async def count_roles(ctx: Context) -> int:
    roles = organization_roles.c
    return await ctx.db.count(organization_roles, roles.instance_id == ctx.instance.id)


async def count_own_permissions(ctx: Context) -> int:
    permissions = organization_permissions.c
    return await ctx.db.count(
        organization_permissions, permissions.instance_id == ctx.instance.id, permissions.type == "user"
    )
