"""Roles of an instance, as its backend makes, changes and removes them. Those that every instance begins with
are in `system_roles.py`."""

from __future__ import annotations

import re

import msgspec

from greffier.server import errors
from greffier.server.errors import ErrorItem
from greffier.server.instances.administration import lock_instance, save_instance, settings_of
from greffier.server.organizations.queries import OPEN_WITH_ROLE
from greffier.server.organizations.roles.keyed import columns_of, insert_keyed, text_problems, update_keyed
from greffier.server.organizations.roles.queries import (
    DELETE_PAIR,
    DELETE_ROLE,
    GET_ROLE,
    INSERT_ROLE,
    LOCK_PERMISSION,
    LOCK_ROLE,
    MEMBER_WITH_ROLE,
    PERMISSIONS_OF_ROLE,
    UPDATE_ROLE,
)
from greffier.server.organizations.roles.requests import RolePatch, RoleRequest
from greffier.server.organizations.roles.role_sizes import has_compact_form
from greffier.server.organizations.roles.search import count_roles
from greffier.server.organizations.roles.system_permissions import ADMINISTRATOR_PERMISSIONS
from greffier.server.organizations.roles.system_roles import (
    add_permission,
    ensure_roles,
    is_administrator,
    permission_keys,
)
from greffier.server.organizations.roles.token_claims import MAX_ROLE_CLAIMS, role_claims_size
from greffier.server.organizations.tables import PermissionRow, RoleRow
from greffier.server.store.database import UniqueViolation
from greffier.server.web.context import Context

MAX_ROLES = 100

_KEY = re.compile(r"org:[a-z0-9_]{1,60}")


def _key_problems(key: str) -> list[ErrorItem]:
    if _KEY.fullmatch(key):
        return []
    why = "key must begin with org: and go on with lower case letters, digits and underscores."
    return [errors.param_format_invalid("key", why)]


async def get_role(ctx: Context, role_id: str) -> RoleRow:
    """Raises: ApiError: 404 when the instance has no such role."""
    await ensure_roles(ctx)
    return _found(await ctx.db.one(GET_ROLE, instance_id=ctx.instance.id, id=role_id))


async def _lock_role(ctx: Context, role_id: str) -> RoleRow:
    await ensure_roles(ctx)
    return _found(await ctx.db.one(LOCK_ROLE, instance_id=ctx.instance.id, id=role_id))


def _found(row: RoleRow | None) -> RoleRow:
    if row is None:
        raise errors.not_found("role")
    return row


async def permissions_of(ctx: Context, role_id: str) -> list[PermissionRow]:
    return await ctx.db.all(PERMISSIONS_OF_ROLE, instance_id=ctx.instance.id, role_id=role_id)


async def create_role(ctx: Context, request: RoleRequest) -> RoleRow:
    """Raises:
    ApiError: 422 for what is wrong, or a key that is taken; 404 for an unknown permission; 403 when there
        are too many roles.
    """
    await ensure_roles(ctx)
    problems = text_problems(request.name, request.description) + _key_problems(request.key)
    if problems:
        raise errors.invalid_params(*problems)
    if await count_roles(ctx) >= MAX_ROLES:
        raise errors.too_many_roles(MAX_ROLES)
    row = await insert_keyed(ctx, INSERT_ROLE, RoleRow(**columns_of(ctx, "role", request)))
    for permission_id in dict.fromkeys(request.permissions or []):
        await add_permission(ctx, row.id, (await _permission(ctx, permission_id)).id)
    await require_fits_in_token(ctx, row)
    return row


async def require_fits_in_token(ctx: Context, role: RoleRow) -> None:
    """Measured in the form that is stored as the instance's now: its row is locked, so that the form does not
    change meanwhile.

    Raises:
        ApiError: 422 when members with this role would get tokens that no cookie holds.
    """
    settings = settings_of(await lock_instance(ctx.db, ctx.instance.id))
    compact = has_compact_form(settings.session.token_version)
    keys = [row.key for row in await permissions_of(ctx, role.id)]
    if role_claims_size(keys, compact=compact) > MAX_ROLE_CLAIMS:
        raise errors.role_too_large(role.key, MAX_ROLE_CLAIMS)


async def _permission(ctx: Context, permission_id: str) -> PermissionRow:
    """The permission, held so that it is not deleted before a role has it."""
    row = await ctx.db.one(LOCK_PERMISSION, instance_id=ctx.instance.id, id=permission_id)
    if row is None:
        raise errors.not_found("permission")
    return row


async def update_role(ctx: Context, role_id: str, patch: RolePatch) -> RoleRow:
    """Change what is named; null leaves a name or a key as it is. Settings follow a key that changes.

    Raises:
        ApiError: 404 without such a role or permission; 422 for what is wrong, a key that is taken,
            permissions that the creator's role needs, or more than fit in a token.
    """
    row = await _lock_role(ctx, role_id)
    problems = [] if patch.key in (None, row.key) else _key_problems(patch.key)
    changed = await update_keyed(ctx, UPDATE_ROLE, row, patch, problems)
    if changed.key != row.key:
        await _rename_in_settings(ctx, row.key, changed.key)
    if patch.permissions is not None:
        await _replace_permissions(ctx, changed, list(dict.fromkeys(patch.permissions)), former_key=row.key)
    return changed


async def _rename_in_settings(ctx: Context, former: str, key: str) -> None:
    if former not in _used_by_settings(ctx):
        return
    instance = await lock_instance(ctx.db, ctx.instance.id)
    settings = settings_of(instance)
    rules = settings.organizations
    renamed = msgspec.structs.replace(
        rules,
        creator_role=key if rules.creator_role == former else rules.creator_role,
        domains_default_role=key if rules.domains_default_role == former else rules.domains_default_role,
    )
    settings = msgspec.structs.replace(settings, organizations=renamed)
    await save_instance(ctx.db, instance, ctx.now, settings=settings)


def _used_by_settings(ctx: Context) -> tuple[str, str]:
    rules = ctx.instance.settings.organizations
    return rules.creator_role, rules.domains_default_role


async def _replace_permissions(ctx: Context, role: RoleRow, wanted: list[str], *, former_key: str) -> None:
    present = {row.id for row in await permissions_of(ctx, role.id)}
    for permission_id in wanted:
        if permission_id not in present:
            await add_permission(ctx, role.id, (await _permission(ctx, permission_id)).id)
    for permission_id in present - set(wanted):
        await _take(ctx, role.id, permission_id)
    await require_fits_in_token(ctx, role)
    await _require_creator_permissions(ctx, role.id, former_key)


async def _take(ctx: Context, role_id: str, permission_id: str) -> bool:
    keys = {"role_id": role_id, "permission_id": permission_id}
    return bool(await ctx.db.execute(DELETE_PAIR, instance_id=ctx.instance.id, **keys))


async def _require_creator_permissions(ctx: Context, role_id: str, key: str) -> None:
    if key == _used_by_settings(ctx)[0] and not is_administrator(await permission_keys(ctx, role_id)):
        raise errors.creator_role_needs(ADMINISTRATOR_PERMISSIONS)


async def assign_permission(ctx: Context, role_id: str, permission_id: str) -> RoleRow:
    """Raises: ApiError: 404 without such a role or permission; 409 when the role has it already."""
    row = await _lock_role(ctx, role_id)
    permission = await _permission(ctx, permission_id)
    try:
        await add_permission(ctx, row.id, permission.id)
    except UniqueViolation:
        raise errors.permission_assigned_already() from None
    await require_fits_in_token(ctx, row)
    return await _touched(ctx, row)


async def remove_permission(ctx: Context, role_id: str, permission_id: str) -> RoleRow:
    """Raises:
    ApiError: 404 without such a role, or when it has no such permission; 422 when the creator's role
        needs it.
    """
    row = await _lock_role(ctx, role_id)
    if not await _take(ctx, row.id, permission_id):
        raise errors.not_found("permission")
    await _require_creator_permissions(ctx, row.id, row.key)
    return await _touched(ctx, row)


async def _touched(ctx: Context, row: RoleRow) -> RoleRow:
    changed = msgspec.structs.replace(row, updated_at=ctx.now)
    await ctx.db.save(UPDATE_ROLE, changed)
    return changed


async def delete_role(ctx: Context, role_id: str) -> None:
    """Raises: ApiError: 404 without such a role; 422 while it is used."""
    row = await _lock_role(ctx, role_id)
    creator, domains = _used_by_settings(ctx)
    if row.key == creator:
        raise errors.role_is_creator_role()
    if row.key == domains:
        raise errors.role_is_domain_default_role()
    if await ctx.db.one(MEMBER_WITH_ROLE, instance_id=ctx.instance.id, role_id=row.id) is not None:
        raise errors.role_has_members()
    if await ctx.db.one(OPEN_WITH_ROLE, instance_id=ctx.instance.id, role_id=row.id, now=ctx.now) is not None:
        raise errors.role_has_invitations()
    await ctx.db.execute(DELETE_ROLE, instance_id=ctx.instance.id, id=row.id)
