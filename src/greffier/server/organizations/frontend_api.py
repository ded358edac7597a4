"""Organizations as their members see them. What a member may do, their role says; `gate.py` looks it up."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server import errors
from greffier.server.organizations import lifecycle, logos
from greffier.server.organizations.member_access import listing_membership, locked_membership, own_membership
from greffier.server.organizations.members import lifecycle as members
from greffier.server.organizations.members.search import (
    MemberListQuery,
    list_members_for_member,
    memberships_of_user,
)
from greffier.server.organizations.queries import Membership
from greffier.server.organizations.requests import (
    LogoRequest,
    MemberRequest,
    MembershipPatch,
    OrganizationFields,
)
from greffier.server.organizations.resources import (
    DeletedObject,
    FrontendMembership,
    FrontendOrganization,
    Role,
    frontend_memberships,
    frontend_organization,
    role,
)
from greffier.server.organizations.roles.search import NamedListQuery, RoleListQuery, list_roles
from greffier.server.organizations.roles.system_permissions import (
    DELETE_PROFILE,
    MANAGE_DOMAINS,
    MANAGE_MEMBERS,
    MANAGE_PROFILE,
    READ_DOMAINS,
    READ_MEMBERS,
)
from greffier.server.organizations.roles.system_roles import require_enabled
from greffier.server.organizations.tables import OrganizationRow
from greffier.server.users.resources import public_data_of_users
from greffier.server.users.update import get_user
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import frontend_api
from greffier.server.web.operations.pagination import Limit, Offset, Page, PaginatedQuery


class SuggestionListQuery(msgspec.Struct, kw_only=True):
    limit: Limit = 10
    offset: Offset = 0
    status: list[Literal["pending", "accepted", "completed"]] = []


class DomainListQuery(msgspec.Struct, kw_only=True):
    limit: Limit = 10
    offset: Offset = 0
    verified: bool | None = None
    enrollment_mode: str | None = None


async def _organization(ctx: Context, row: OrganizationRow) -> FrontendOrganization:
    invited = await members.count_invited(ctx, row.id)
    return frontend_organization(ctx, row, await members.count_members(ctx, row.id), invited)


async def _changed(ctx: Context, row: OrganizationRow) -> FrontendOrganization:
    ctx.client_changed = True
    return await _organization(ctx, row)


@frontend_api.post("/v1/organizations")
async def create_organization(ctx: Context, params: OrganizationFields) -> FrontendOrganization:
    caller = await ctx.require_session()
    return await _changed(ctx, await lifecycle.create_own_organization(ctx, caller.user_id, params))


@frontend_api.get("/v1/organizations/{organization_id}")
async def get_organization(ctx: Context, organization_id: str) -> FrontendOrganization:
    own = await own_membership(ctx, organization_id)
    return await _organization(ctx, own.organization)


@frontend_api.patch("/v1/organizations/{organization_id}")
async def update_organization(
    ctx: Context, organization_id: str, params: OrganizationFields
) -> FrontendOrganization:
    await locked_membership(ctx, organization_id, MANAGE_PROFILE)
    return await _changed(ctx, await lifecycle.update_organization(ctx, organization_id, params))


@frontend_api.delete("/v1/organizations/{organization_id}")
async def delete_organization(ctx: Context, organization_id: str) -> DeletedObject:
    own = await locked_membership(ctx, organization_id, DELETE_PROFILE)
    if not (ctx.instance.settings.organizations.admin_delete and own.organization.admin_delete_enabled):
        raise errors.organization_deletion_not_enabled()
    row = await lifecycle.delete_organization(ctx, organization_id)
    ctx.client_changed = True
    return DeletedObject(object="organization", id=row.id, slug=row.slug)


@frontend_api.put("/v1/organizations/{organization_id}/logo", upload=True)
async def update_organization_logo(
    ctx: Context, organization_id: str, params: LogoRequest
) -> FrontendOrganization:
    await own_membership(ctx, organization_id, MANAGE_PROFILE)
    return await _changed(ctx, await logos.set_logo(ctx, organization_id, params.file))


@frontend_api.delete("/v1/organizations/{organization_id}/logo")
async def delete_organization_logo(ctx: Context, organization_id: str) -> DeletedObject:
    await locked_membership(ctx, organization_id, MANAGE_PROFILE)
    _, image_id = await logos.delete_logo(ctx, organization_id)
    ctx.client_changed = True
    return DeletedObject(object="image", id=image_id)


# --- members ------------------------------------------------------------------------------------------------


async def _membership(ctx: Context, membership: Membership) -> FrontendMembership:
    """As it is after a change, which the client shows too."""
    ctx.client_changed = True
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


@frontend_api.get("/v1/organizations/{organization_id}/domains")
async def list_organization_domains(ctx: Context, organization_id: str, query: DomainListQuery) -> Page[None]:
    """None: `organizations.domains` cannot be switched on. The organization's profile asks for them."""
    await listing_membership(ctx, organization_id, READ_DOMAINS, MANAGE_DOMAINS)
    return Page([], 0)


@frontend_api.get("/v1/organizations/{organization_id}/roles")
async def list_organization_roles(ctx: Context, organization_id: str, query: RoleListQuery) -> Page[Role]:
    await listing_membership(ctx, organization_id, READ_MEMBERS, MANAGE_MEMBERS)
    found, total = await list_roles(ctx, NamedListQuery(limit=query.limit, offset=query.offset))
    return Page([role(row, its) for row, its in found], total)


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
    ctx.client_changed = True
    return DeletedObject(object="organization_membership", id=own.row.id)


@frontend_api.get("/v1/me/organization_suggestions")
async def get_organization_suggestions(ctx: Context, query: SuggestionListQuery) -> Page[None]:
    """Nothing is suggested: that takes a verified domain, and organizations have none, because
    `organizations.domains` cannot be switched on. Browser components wait for the answer."""
    await ctx.require_session()
    require_enabled(ctx)
    return Page([], 0)
