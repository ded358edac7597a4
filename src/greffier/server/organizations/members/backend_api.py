"""Members of organizations, as the application's servers see them."""

from __future__ import annotations

from greffier.server.organizations import lifecycle
from greffier.server.organizations.members import lifecycle as members
from greffier.server.organizations.members.queries import Membership
from greffier.server.organizations.members.requests import MembershipPatch, MembershipRequest
from greffier.server.organizations.members.resources import BackendMembership, backend_memberships
from greffier.server.organizations.members.search import (
    MembershipListQuery,
    PageQuery,
    list_members,
    memberships_of_user,
)
from greffier.server.organizations.requests import MetadataRequest
from greffier.server.organizations.roles.system_roles import require_enabled
from greffier.server.users.lookup import get_user
from greffier.server.users.profile.metadata import merge
from greffier.server.users.resources import public_data_of_users
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context
from greffier.server.web.limits.rate_limits import per_object
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.pagination import Page


async def _memberships(ctx: Context, found: list[tuple[Membership, UserRow]]) -> list[BackendMembership]:
    people = await public_data_of_users(ctx, [user for _, user in found])
    return backend_memberships(ctx, [membership for membership, _ in found], people)


async def _membership(ctx: Context, membership: Membership) -> BackendMembership:
    user = await get_user(ctx, membership.row.user_id)
    return (await _memberships(ctx, [(membership, user)]))[0]


@backend_api.get("/v1/organizations/{organization_id}/memberships")
async def list_organization_memberships(
    ctx: Context, organization_id: str, query: MembershipListQuery
) -> Page[BackendMembership]:
    organization = await lifecycle.get_organization(ctx, organization_id)
    found, total = await list_members(ctx, query, organization_id=organization.id)
    return Page(await _memberships(ctx, found), total)


@backend_api.get("/v1/organization_memberships")
async def instance_get_organization_memberships(
    ctx: Context, query: MembershipListQuery
) -> Page[BackendMembership]:
    require_enabled(ctx)
    found, total = await list_members(ctx, query)
    return Page(await _memberships(ctx, found), total)


@backend_api.get("/v1/users/{user_id}/organization_memberships")
async def users_get_organization_memberships(
    ctx: Context, user_id: str, query: PageQuery
) -> Page[BackendMembership]:
    require_enabled(ctx)
    user = await get_user(ctx, user_id)
    found, total = await memberships_of_user(ctx, user.id, query)
    return Page(await _memberships(ctx, [(one, user) for one in found]), total)


@backend_api.post("/v1/organizations/{organization_id}/memberships")
async def create_organization_membership(
    ctx: Context, organization_id: str, params: MembershipRequest
) -> BackendMembership:
    organization = await lifecycle.lock_organization(ctx, organization_id)
    return await _membership(ctx, await members.add_member(ctx, organization, params))


@backend_api.patch("/v1/organizations/{organization_id}/memberships/{user_id}", limit=per_object(10))
async def update_organization_membership(
    ctx: Context, organization_id: str, user_id: str, params: MembershipPatch
) -> BackendMembership:
    organization = await lifecycle.lock_organization(ctx, organization_id)
    return await _membership(ctx, await members.change_role(ctx, organization, user_id, params.role))


@backend_api.delete("/v1/organizations/{organization_id}/memberships/{user_id}")
async def delete_organization_membership(
    ctx: Context, organization_id: str, user_id: str
) -> BackendMembership:
    organization = await lifecycle.lock_organization(ctx, organization_id)
    return await _membership(ctx, await members.remove_member(ctx, organization, user_id))


@backend_api.patch("/v1/organizations/{organization_id}/memberships/{user_id}/metadata", limit=per_object(10))
async def update_organization_membership_metadata(
    ctx: Context, organization_id: str, user_id: str, params: MetadataRequest
) -> BackendMembership:
    organization = await lifecycle.lock_organization(ctx, organization_id)
    return await _membership(ctx, await members.change_metadata(ctx, organization, user_id, params, merge))
