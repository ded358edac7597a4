"""Organizations and their members, as the application's servers see them."""

from __future__ import annotations

from greffier.server.organizations import lifecycle, logos
from greffier.server.organizations.members import lifecycle as members
from greffier.server.organizations.members.search import (
    MembershipListQuery,
    PageQuery,
    list_members,
    memberships_of_user,
)
from greffier.server.organizations.queries import Membership
from greffier.server.organizations.requests import (
    LogoRequest,
    MembershipPatch,
    MembershipRequest,
    MetadataRequest,
    OrganizationPatch,
    OrganizationRequest,
)
from greffier.server.organizations.resources import (
    BackendMembership,
    BackendOrganization,
    DeletedObject,
    backend_memberships,
    backend_organization,
)
from greffier.server.organizations.roles.system_roles import require_enabled
from greffier.server.organizations.search import (
    Counted,
    Included,
    OrganizationListQuery,
    with_counts,
)
from greffier.server.organizations.search import (
    list_organizations as find_organizations,
)
from greffier.server.users.profile.metadata import merge, replace
from greffier.server.users.resources import public_data_of_users
from greffier.server.users.tables import UserRow
from greffier.server.users.update import get_user
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.pagination import Page


def _counted(ctx: Context, found: Counted) -> BackendOrganization:
    return backend_organization(
        ctx,
        found.row,
        members_count=found.members_count,
        missing_administrator=found.missing_administrator,
    )


@backend_api.get("/v1/organizations")
async def list_organizations(ctx: Context, query: OrganizationListQuery) -> Page[BackendOrganization]:
    require_enabled(ctx)
    found, total = await find_organizations(ctx, query)
    return Page([_counted(ctx, one) for one in found], total)


@backend_api.post("/v1/organizations")
async def create_organization(ctx: Context, params: OrganizationRequest) -> BackendOrganization:
    return backend_organization(ctx, await lifecycle.create_organization(ctx, params))


@backend_api.get("/v1/organizations/{organization_id}")
async def get_organization(ctx: Context, organization_id: str, query: Included) -> BackendOrganization:
    row = await lifecycle.find_organization(ctx, organization_id)
    return _counted(ctx, await with_counts(ctx, row, query))


@backend_api.patch("/v1/organizations/{organization_id}")
async def update_organization(
    ctx: Context, organization_id: str, params: OrganizationPatch
) -> BackendOrganization:
    return backend_organization(ctx, await lifecycle.update_organization(ctx, organization_id, params))


@backend_api.delete("/v1/organizations/{organization_id}")
async def delete_organization(ctx: Context, organization_id: str) -> DeletedObject:
    row = await lifecycle.delete_organization(ctx, organization_id)
    return DeletedObject(object="organization", id=row.id, slug=row.slug)


@backend_api.patch("/v1/organizations/{organization_id}/metadata")
async def merge_organization_metadata(
    ctx: Context, organization_id: str, params: MetadataRequest
) -> BackendOrganization:
    return backend_organization(ctx, await lifecycle.change_metadata(ctx, organization_id, params, merge))


@backend_api.put("/v1/organizations/{organization_id}/metadata")
async def replace_organization_metadata(
    ctx: Context, organization_id: str, params: MetadataRequest
) -> BackendOrganization:
    return backend_organization(ctx, await lifecycle.change_metadata(ctx, organization_id, params, replace))


@backend_api.put("/v1/organizations/{organization_id}/logo", upload=True, invalid_status=400)
async def upload_organization_logo(
    ctx: Context, organization_id: str, params: LogoRequest
) -> BackendOrganization:
    return backend_organization(ctx, await logos.set_logo(ctx, organization_id, params.file))


@backend_api.delete("/v1/organizations/{organization_id}/logo")
async def delete_organization_logo(ctx: Context, organization_id: str) -> BackendOrganization:
    row, _ = await logos.delete_logo(ctx, organization_id)
    return backend_organization(ctx, row)


# --- memberships --------------------------------------------------------------------------------------------


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


@backend_api.patch("/v1/organizations/{organization_id}/memberships/{user_id}")
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


@backend_api.patch("/v1/organizations/{organization_id}/memberships/{user_id}/metadata")
async def update_organization_membership_metadata(
    ctx: Context, organization_id: str, user_id: str, params: MetadataRequest
) -> BackendMembership:
    organization = await lifecycle.lock_organization(ctx, organization_id)
    return await _membership(ctx, await members.change_metadata(ctx, organization, user_id, params, merge))
