"""Roles, permissions and settings of an instance, as the application's servers manage them."""

from __future__ import annotations

from greffier.server.organizations.instance_rules import (
    OrganizationSettings,
    change_rules,
    current_rules,
    shown,
)
from greffier.server.organizations.requests import SettingsPatch
from greffier.server.organizations.roles import lifecycle as roles
from greffier.server.organizations.roles import permissions
from greffier.server.organizations.roles.requests import (
    PermissionPatch,
    PermissionRequest,
    RolePatch,
    RoleRequest,
)
from greffier.server.organizations.roles.resources import Permission, Role, permission, role
from greffier.server.organizations.roles.search import NamedListQuery, list_permissions, list_roles
from greffier.server.organizations.tables import RoleRow
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.deleted import DeletedObject
from greffier.server.web.operations.pagination import Page


async def _role(ctx: Context, row: RoleRow) -> Role:
    return role(row, await roles.permissions_of(ctx, row.id))


@backend_api.get("/v1/organization_roles")
async def list_organization_roles(ctx: Context, query: NamedListQuery) -> Page[Role]:
    found, total = await list_roles(ctx, query)
    return Page([role(row, its) for row, its in found], total)


@backend_api.post("/v1/organization_roles")
async def create_organization_role(ctx: Context, params: RoleRequest) -> Role:
    return await _role(ctx, await roles.create_role(ctx, params))


@backend_api.get("/v1/organization_roles/{organization_role_id}")
async def get_organization_role(ctx: Context, organization_role_id: str) -> Role:
    return await _role(ctx, await roles.get_role(ctx, organization_role_id))


@backend_api.patch("/v1/organization_roles/{organization_role_id}")
async def update_organization_role(ctx: Context, organization_role_id: str, params: RolePatch) -> Role:
    return await _role(ctx, await roles.update_role(ctx, organization_role_id, params))


@backend_api.delete("/v1/organization_roles/{organization_role_id}")
async def delete_organization_role(ctx: Context, organization_role_id: str) -> DeletedObject:
    await roles.delete_role(ctx, organization_role_id)
    return DeletedObject(object="role", id=organization_role_id)


@backend_api.post("/v1/organization_roles/{organization_role_id}/permissions/{permission_id}")
async def assign_permission_to_organization_role(
    ctx: Context, organization_role_id: str, permission_id: str
) -> Role:
    return await _role(ctx, await roles.assign_permission(ctx, organization_role_id, permission_id))


@backend_api.delete("/v1/organization_roles/{organization_role_id}/permissions/{permission_id}")
async def remove_permission_from_organization_role(
    ctx: Context, organization_role_id: str, permission_id: str
) -> Role:
    return await _role(ctx, await roles.remove_permission(ctx, organization_role_id, permission_id))


@backend_api.get("/v1/organization_permissions")
async def list_organization_permissions(ctx: Context, query: NamedListQuery) -> Page[Permission]:
    found, total = await list_permissions(ctx, query)
    return Page([permission(row) for row in found], total)


@backend_api.post("/v1/organization_permissions")
async def create_organization_permission(ctx: Context, params: PermissionRequest) -> Permission:
    return permission(await permissions.create_permission(ctx, params))


@backend_api.get("/v1/organization_permissions/{permission_id}")
async def get_organization_permission(ctx: Context, permission_id: str) -> Permission:
    return permission(await permissions.get_permission(ctx, permission_id))


@backend_api.patch("/v1/organization_permissions/{permission_id}")
async def update_organization_permission(
    ctx: Context, permission_id: str, params: PermissionPatch
) -> Permission:
    return permission(await permissions.update_permission(ctx, permission_id, params))


@backend_api.delete("/v1/organization_permissions/{permission_id}")
async def delete_organization_permission(ctx: Context, permission_id: str) -> DeletedObject:
    await permissions.delete_permission(ctx, permission_id)
    return DeletedObject(object="permission", id=permission_id)


@backend_api.get("/v1/instance/organization_settings")
async def get_instance_organization_settings(ctx: Context) -> OrganizationSettings:
    return shown(await current_rules(ctx))


@backend_api.patch("/v1/instance/organization_settings")
async def update_instance_organization_settings(ctx: Context, params: SettingsPatch) -> OrganizationSettings:
    return shown(await change_rules(ctx, params))
