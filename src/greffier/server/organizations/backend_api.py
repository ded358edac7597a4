"""Organizations as the application's servers see them."""

from __future__ import annotations

from greffier.server.organizations import lifecycle, logos
from greffier.server.organizations.requests import MetadataRequest, OrganizationPatch, OrganizationRequest
from greffier.server.organizations.resources import BackendOrganization, backend_organization
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
from greffier.server.web.context import Context
from greffier.server.web.limits.rate_limits import per_object
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.deleted import DeletedObject
from greffier.server.web.operations.pagination import Page
from greffier.server.web.operations.uploads import LogoRequest


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


@backend_api.patch("/v1/organizations/{organization_id}", limit=per_object(10))
async def update_organization(
    ctx: Context, organization_id: str, params: OrganizationPatch
) -> BackendOrganization:
    return backend_organization(ctx, await lifecycle.update_organization(ctx, organization_id, params))


@backend_api.delete("/v1/organizations/{organization_id}")
async def delete_organization(ctx: Context, organization_id: str) -> DeletedObject:
    row = await lifecycle.delete_organization(ctx, organization_id)
    return DeletedObject(object="organization", id=row.id, slug=row.slug)


@backend_api.patch("/v1/organizations/{organization_id}/metadata", limit=per_object(10))
async def merge_organization_metadata(
    ctx: Context, organization_id: str, params: MetadataRequest
) -> BackendOrganization:
    return backend_organization(ctx, await lifecycle.change_metadata(ctx, organization_id, params, merge))


@backend_api.put("/v1/organizations/{organization_id}/metadata", limit=per_object(10))
async def replace_organization_metadata(
    ctx: Context, organization_id: str, params: MetadataRequest
) -> BackendOrganization:
    return backend_organization(ctx, await lifecycle.change_metadata(ctx, organization_id, params, replace))


@backend_api.put(
    "/v1/organizations/{organization_id}/logo", upload=True, invalid_status=400, limit=per_object(10)
)
async def upload_organization_logo(
    ctx: Context, organization_id: str, params: LogoRequest
) -> BackendOrganization:
    return backend_organization(ctx, await logos.set_logo(ctx, organization_id, params.file))


@backend_api.delete("/v1/organizations/{organization_id}/logo")
async def delete_organization_logo(ctx: Context, organization_id: str) -> BackendOrganization:
    row, _ = await logos.delete_logo(ctx, organization_id)
    return backend_organization(ctx, row)
