"""Members of organizations, as members see them. Their role says what they may do: `member_access.py`."""

from __future__ import annotations

import msgspec

from greffier.server.organizations.member_access import listing_membership, locked_membership
from greffier.server.organizations.members import lifecycle as members
from greffier.server.organizations.members.queries import Membership
from greffier.server.organizations.members.requests import MemberRequest, MembershipPatch
from greffier.server.organizations.members.resources import FrontendMembership, frontend_memberships
from greffier.server.organizations.members.search import (
    MemberListQuery,
    list_members_for_member,
    memberships_of_user,
)
from greffier.server.organizations.roles.system_permissions import (
    MANAGE_MEMBERS,
    READ_MEMBERS,
)
from greffier.server.organizations.roles.system_roles import require_enabled
from greffier.server.users.lookup import get_user
from greffier.server.users.resources import public_data_of_users
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import frontend_api
from greffier.server.web.operations.deleted import DeletedObject
from greffier.server.web.operations.pagination import Page, PaginatedQuery


async def _membership(ctx: Context, membership: Membership) -> FrontendMembership:
    """As it is after a change."""
    people = await public_data_of_users(ctx, [await get_user(ctx, membership.row.user_id)])
    count = await members.count_members(ctx, membership.organization.id)
    counted = msgspec.structs.replace(membership, members_count=count)
    return frontend_memberships(ctx, [counted], people)[0]


@frontend_api.get("/v1/organizations/{organization_id}/memberships")
async def list_organization_memberships(
    ctx: Context, organization_id: str, query: MemberListQuery
) -> list[FrontendMembership] | Page[FrontendMembership]:
    own = await listing_membership(ctx, organization_id, READ_MEMBERS, MANAGE_MEMBERS)
    found, total = await list_members_for_member(ctx, query, own.organization.id)
    people = await public_data_of_users(ctx, [user for _, user in found])
    shown = frontend_memberships(ctx, [membership for membership, _ in found], people)
    return Page(shown, total) if query.paginated else shown


@frontend_api.post("/v1/organizations/{organization_id}/memberships")
async def create_organization_membership(
    ctx: Context, organization_id: str, params: MemberRequest
) -> FrontendMembership:
    own = await locked_membership(ctx, organization_id, MANAGE_MEMBERS)
    return await _membership(ctx, await members.add_member(ctx, own.organization, params, by=own))


@frontend_api.patch("/v1/organizations/{organization_id}/memberships/{user_id}")
async def update_organization_membership(
    ctx: Context, organization_id: str, user_id: str, params: MembershipPatch
) -> FrontendMembership:
    own = await locked_membership(ctx, organization_id, MANAGE_MEMBERS)
    changed = await members.change_role(ctx, own.organization, user_id, params.role, by=own)
    return await _membership(ctx, changed)


@frontend_api.delete("/v1/organizations/{organization_id}/memberships/{user_id}")
async def remove_organization_member(ctx: Context, organization_id: str, user_id: str) -> FrontendMembership:
    own = await locked_membership(ctx, organization_id, MANAGE_MEMBERS)
    return await _membership(ctx, await members.remove_member(ctx, own.organization, user_id, by=own))


@frontend_api.get("/v1/me/organization_memberships")
async def get_organization_memberships(
    ctx: Context, query: PaginatedQuery
) -> list[FrontendMembership] | Page[FrontendMembership]:
    caller = await ctx.require_session()
    require_enabled(ctx)
    found, total = await memberships_of_user(ctx, caller.user_id, query)
    people = await public_data_of_users(ctx, [await get_user(ctx, caller.user_id)])
    shown = frontend_memberships(ctx, found, people)
    return Page(shown, total) if query.paginated else shown


@frontend_api.delete("/v1/me/organization_memberships/{organization_id}")
async def delete_organization_memberships(ctx: Context, organization_id: str) -> DeletedObject:
    """Leave the organization."""
    own = await locked_membership(ctx, organization_id)
    await members.remove_member(ctx, own.organization, own.row.user_id, by=own)
    return DeletedObject(object="organization_membership", id=own.row.id)
