"""Organizations as their members see them. Their role says what they may do: `member_access.py`."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.organizations import lifecycle, logos
from greffier.server.organizations.member_access import locked_membership, own_membership
from greffier.server.organizations.members import lifecycle as members
from greffier.server.organizations.requests import OrganizationFields
from greffier.server.organizations.resources import FrontendOrganization, frontend_organization
from greffier.server.organizations.roles.system_permissions import (
    DELETE_PROFILE,
    MANAGE_PROFILE,
)
from greffier.server.organizations.tables import OrganizationRow
from greffier.server.web.context import Context
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import frontend_api
from greffier.server.web.operations.deleted import DeletedObject
from greffier.server.web.operations.uploads import LogoRequest


async def _organization(ctx: Context, row: OrganizationRow) -> FrontendOrganization:
    invited = await members.count_invited(ctx, row.id)
    return frontend_organization(ctx, row, await members.count_members(ctx, row.id), invited)


@frontend_api.post("/v1/organizations", limit=per_address(5))
async def create_organization(ctx: Context, params: OrganizationFields) -> FrontendOrganization:
    caller = await ctx.require_session()
    return await _organization(ctx, await lifecycle.create_own_organization(ctx, caller.user_id, params))


@frontend_api.get("/v1/organizations/{organization_id}")
async def get_organization(ctx: Context, organization_id: str) -> FrontendOrganization:
    own = await own_membership(ctx, organization_id)
    return await _organization(ctx, own.organization)


@frontend_api.patch("/v1/organizations/{organization_id}")
async def update_organization(
    ctx: Context, organization_id: str, params: OrganizationFields
) -> FrontendOrganization:
    await locked_membership(ctx, organization_id, MANAGE_PROFILE)
    return await _organization(ctx, await lifecycle.update_organization(ctx, organization_id, params))


@frontend_api.delete("/v1/organizations/{organization_id}")
async def delete_organization(ctx: Context, organization_id: str) -> DeletedObject:
    own = await locked_membership(ctx, organization_id, DELETE_PROFILE)
    if not (ctx.instance.settings.organizations.admin_delete and own.organization.admin_delete_enabled):
        raise errors.organization_deletion_not_enabled()
    row = await lifecycle.delete_organization(ctx, organization_id)
    return DeletedObject(object="organization", id=row.id, slug=row.slug)


@frontend_api.put("/v1/organizations/{organization_id}/logo", upload=True, limit=per_address(5))
async def update_organization_logo(
    ctx: Context, organization_id: str, params: LogoRequest
) -> FrontendOrganization:
    await own_membership(ctx, organization_id, MANAGE_PROFILE)
    return await _organization(ctx, await logos.set_logo(ctx, organization_id, params.file))


@frontend_api.delete("/v1/organizations/{organization_id}/logo")
async def delete_organization_logo(ctx: Context, organization_id: str) -> DeletedObject:
    await locked_membership(ctx, organization_id, MANAGE_PROFILE)
    _, image_id = await logos.delete_logo(ctx, organization_id)
    return DeletedObject(object="image", id=image_id)
