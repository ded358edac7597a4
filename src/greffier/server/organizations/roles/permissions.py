"""Permissions that an instance adds to those of the system: the application gives them their meaning."""

from __future__ import annotations

import re

from greffier.server import errors
from greffier.server.errors import ErrorItem
from greffier.server.organizations.roles.keyed import columns_of, insert_keyed, text_problems, update_keyed
from greffier.server.organizations.roles.lifecycle import require_fits_in_token
from greffier.server.organizations.roles.queries import (
    DELETE_PERMISSION,
    GET_PERMISSION,
    INSERT_PERMISSION,
    LOCK_PERMISSION,
    ROLES_WITH_PERMISSION,
    UPDATE_PERMISSION,
)
from greffier.server.organizations.roles.requests import PermissionPatch, PermissionRequest
from greffier.server.organizations.roles.search import count_own_permissions
from greffier.server.organizations.roles.system_permissions import SYSTEM_PREFIX
from greffier.server.organizations.roles.system_roles import ensure_roles
from greffier.server.organizations.tables import PermissionRow
from greffier.server.web.context import Context

MAX_PERMISSIONS = 500
"""Beside those of the system."""

_KEY = re.compile(r"org:[a-z0-9_]{1,60}:[a-z0-9_]{1,60}")


def _key_problems(key: str) -> list[ErrorItem]:
    if key.startswith(SYSTEM_PREFIX):
        why = f"key must not begin with {SYSTEM_PREFIX}, which is for permissions of the system."
        return [errors.param_format_invalid("key", why)]
    if not _KEY.fullmatch(key):
        why = "key must be like org:feature:action, with lower case letters, digits and underscores."
        return [errors.param_format_invalid("key", why)]
    return []


async def get_permission(ctx: Context, permission_id: str) -> PermissionRow:
    """Raises: ApiError: 404 when the instance has no such permission."""
    await ensure_roles(ctx)
    return _found(await ctx.db.one(GET_PERMISSION, instance_id=ctx.instance.id, id=permission_id))


async def _lock_own(ctx: Context, permission_id: str) -> PermissionRow:
    await ensure_roles(ctx)
    row = _found(await ctx.db.one(LOCK_PERMISSION, instance_id=ctx.instance.id, id=permission_id))
    if row.type == "system":
        raise errors.system_permission_stays()
    return row


def _found(row: PermissionRow | None) -> PermissionRow:
    if row is None:
        raise errors.not_found("permission")
    return row


async def create_permission(ctx: Context, request: PermissionRequest) -> PermissionRow:
    """Raises: ApiError: 422 for what is wrong, or a key that is taken; 400 when there are too many."""
    await ensure_roles(ctx)
    problems = text_problems(request.name, request.description) + _key_problems(request.key)
    if problems:
        raise errors.invalid_params(*problems)
    if await count_own_permissions(ctx) >= MAX_PERMISSIONS:
        raise errors.too_many_permissions(MAX_PERMISSIONS)
    row = PermissionRow(**columns_of(ctx, "perm", request), type="user")
    return await insert_keyed(ctx, INSERT_PERMISSION, row)


async def update_permission(ctx: Context, permission_id: str, patch: PermissionPatch) -> PermissionRow:
    """Raises:
    ApiError: 404 without such a permission; 403 when it is one of the system; 422 for what is wrong, or a
        key that is taken.
    """
    row = await _lock_own(ctx, permission_id)
    problems = [] if patch.key is None else _key_problems(patch.key)
    changed = await update_keyed(ctx, UPDATE_PERMISSION, row, patch, problems)
    if changed.key != row.key:
        keys = {"instance_id": ctx.instance.id, "permission_id": row.id}
        for role in await ctx.db.all(ROLES_WITH_PERMISSION, **keys):
            await require_fits_in_token(ctx, role)
    return changed


async def delete_permission(ctx: Context, permission_id: str) -> None:
    """Roles have it no more.

    Raises:
        ApiError: 404 without such a permission; 403 when it is one of the system.
    """
    row = await _lock_own(ctx, permission_id)
    await ctx.db.execute(DELETE_PERMISSION, instance_id=ctx.instance.id, id=row.id)
