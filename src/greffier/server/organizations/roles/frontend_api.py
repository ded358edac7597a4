"""Roles of an organization, as its members see them."""

from __future__ import annotations

from greffier.server.organizations.member_access import listing_membership
from greffier.server.organizations.roles.resources import Role, role
from greffier.server.organizations.roles.search import NamedListQuery, RoleListQuery, list_roles
from greffier.server.organizations.roles.system_permissions import (
    MANAGE_MEMBERS,
    READ_MEMBERS,
)
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import frontend_api
from greffier.server.web.operations.pagination import Page


@frontend_api.get("/v1/organizations/{organization_id}/roles")
async def list_organization_roles(ctx: Context, organization_id: str, query: RoleListQuery) -> Page[Role]:
    await listing_membership(ctx, organization_id, READ_MEMBERS, MANAGE_MEMBERS)
    found, total = await list_roles(ctx, NamedListQuery(limit=query.limit, offset=query.offset))
    return Page([role(row, its) for row, its in found], total)
