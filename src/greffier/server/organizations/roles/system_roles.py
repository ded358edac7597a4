"""The roles and permissions that every instance begins with. They are written at the first request for any,
because an instance may do without organizations.
"""

from __future__ import annotations

from greffier.server import errors
from greffier.server.organizations.roles.queries import (
    FIND_PERMISSION,
    INSERT_PAIR,
    INSERT_PERMISSION,
    INSERT_ROLE,
    LOCK_NAMES,
    PERMISSIONS_OF_ROLE,
)
from greffier.server.organizations.roles.system_permissions import (
    ADMINISTRATOR_PERMISSIONS,
    DELETE_PROFILE,
    MANAGE_DOMAINS,
    MANAGE_MEMBERS,
    MANAGE_PROFILE,
    READ_DOMAINS,
    READ_MEMBERS,
)
from greffier.server.organizations.tables import (
    PermissionRow,
    RolePermissionRow,
    RoleRow,
)
from greffier.server.store.ids import new_id
from greffier.server.web.context import Context

PERMISSIONS = {
    MANAGE_PROFILE: ("Manage organization", "Change the name, the slug and the logo."),
    DELETE_PROFILE: ("Delete organization", "Delete the organization, for good."),
    READ_MEMBERS: ("Read members", "See the members and their roles."),
    MANAGE_MEMBERS: ("Manage members", "Add, invite and remove members, and change their roles."),
    READ_DOMAINS: ("Read domains", "See the domains of the organization."),
    MANAGE_DOMAINS: ("Manage domains", "Add, verify and remove domains."),
    "org:sys_billing:read": ("Read billing", "See plans, payments and invoices."),
    "org:sys_billing:manage": ("Manage billing", "Change the plan and how it is paid."),
    "org:sys_api_keys:read": ("Read API keys", "See the API keys of the organization."),
    "org:sys_api_keys:manage": ("Manage API keys", "Make and revoke API keys of the organization."),
    "org:sys_entconns:manage": ("Manage enterprise connections", "Set up single sign-on."),
}
"""Keys, names and descriptions. They decide about this server's operations, so they never differ."""
ROLES = {
    "org:admin": ("Admin", "May do everything in the organization.", tuple(PERMISSIONS)),
    "org:member": ("Member", "Sees who else is a member.", (READ_MEMBERS, "org:sys_billing:read")),
}


def require_enabled(ctx: Context) -> None:
    """Raises: ApiError: 403 while the instance has no organizations."""
    if not ctx.instance.settings.organizations.enabled:
        raise errors.organizations_not_enabled()


async def ensure_roles(ctx: Context) -> None:
    """Make sure that the instance has its roles.

    What is there already stays as it is, and a role that was deleted does not come back: the permissions of
    the system, which cannot be deleted, show that this was done.

    Raises:
        ApiError: 403 while the instance has no organizations.
    """
    require_enabled(ctx)
    if await _are_there(ctx):
        return
    await ctx.db.one(LOCK_NAMES, instance_id=ctx.instance.id)
    if await _are_there(ctx):  # another request was first
        return
    ids: dict[str, str] = {}
    for key, (name, description) in PERMISSIONS.items():
        ids[key] = new_id("perm", now_ms=ctx.now)
        permission = PermissionRow(
            ids[key], ctx.instance.id, key, name, description, "system", ctx.now, ctx.now
        )
        await ctx.db.insert(INSERT_PERMISSION, permission)
    for key, (name, description, permissions) in ROLES.items():
        role = RoleRow(
            new_id("role", now_ms=ctx.now), ctx.instance.id, key, name, description, ctx.now, ctx.now
        )
        await ctx.db.insert(INSERT_ROLE, role)
        for permission in permissions:
            await add_permission(ctx, role.id, ids[permission])


async def _are_there(ctx: Context) -> bool:
    return await ctx.db.one(FIND_PERMISSION, instance_id=ctx.instance.id, key=MANAGE_MEMBERS) is not None


async def add_permission(ctx: Context, role_id: str, permission_id: str) -> None:
    """Raises: UniqueViolation: the role has it already."""
    row = RolePermissionRow(
        new_id("roleperm", now_ms=ctx.now), ctx.instance.id, role_id, permission_id, ctx.now
    )
    await ctx.db.insert(INSERT_PAIR, row)


def is_administrator(permissions: tuple[str, ...]) -> bool:
    return set(ADMINISTRATOR_PERMISSIONS) <= set(permissions)


async def permission_keys(ctx: Context, role_id: str) -> tuple[str, ...]:
    rows = await ctx.db.all(PERMISSIONS_OF_ROLE, instance_id=ctx.instance.id, role_id=role_id)
    return tuple(row.key for row in rows)
