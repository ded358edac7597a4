"""The instance's settings of organizations, as its backend reads and changes them."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.server import errors
from greffier.server.instances.administration import lock_instance, save_instance, settings_of
from greffier.server.instances.queries import FIND_BY_PUBLISHABLE_KEY
from greffier.server.organizations.requests import SettingsPatch
from greffier.server.organizations.roles.lifecycle import MAX_ROLES
from greffier.server.organizations.roles.permissions import MAX_PERMISSIONS
from greffier.server.organizations.roles.queries import GET_ROLE
from greffier.server.organizations.roles.system_permissions import ADMINISTRATOR_PERMISSIONS
from greffier.server.organizations.roles.system_roles import is_administrator, permission_keys
from greffier.server.web.context import Context
from greffier.server.web.instance.feature_settings import OrganizationRules


class OrganizationSettings(msgspec.Struct, kw_only=True):
    """Contract: `OrganizationSettings`."""

    object: Literal["organization_settings"] = "organization_settings"
    enabled: bool
    max_allowed_memberships: int
    max_allowed_roles: int = MAX_ROLES
    max_allowed_permissions: int = MAX_PERMISSIONS
    max_role_sets_allowed: int = 0
    max_allowed_domains: int = 0
    creator_role: str
    admin_delete_enabled: bool
    domains_enabled: bool = False
    slug_disabled: bool
    domains_enrollment_modes: list[str] = []
    domains_default_role: str


def shown(rules: OrganizationRules) -> OrganizationSettings:
    return OrganizationSettings(
        enabled=rules.enabled,
        max_allowed_memberships=rules.max_allowed_memberships,
        creator_role=rules.creator_role,
        admin_delete_enabled=rules.admin_delete,
        slug_disabled=not rules.slugs,
        domains_default_role=rules.domains_default_role,
    )


async def current_rules(ctx: Context) -> OrganizationRules:
    """The stored settings, which other processes read a second later."""
    row = await ctx.db.one(FIND_BY_PUBLISHABLE_KEY, publishable_key=ctx.instance.publishable_key)
    return (settings_of(row) if row else ctx.instance.settings).organizations


async def change_rules(ctx: Context, patch: SettingsPatch) -> OrganizationRules:
    """Change what is named, and nothing else. Every process knows it a second later.

    Raises:
        ApiError: 404 for an unknown role; 422 when it lacks what an administrator needs, or for domains,
            which are not built.
    """
    not_built = ("domains_enabled", "domains_enrollment_modes", "domains_default_role_id")
    if problems := [errors.param_not_enabled(name) for name in not_built if getattr(patch, name)]:
        raise errors.invalid_params(*problems)
    instance = await lock_instance(ctx.db, ctx.instance.id)
    settings = settings_of(instance)
    changes: dict[str, Any] = {
        "enabled": patch.enabled,
        "max_allowed_memberships": patch.max_allowed_memberships,
        "admin_delete": patch.admin_delete_enabled,
        "slugs": None if patch.slug_disabled is None else not patch.slug_disabled,
        "creator_role": await _creator_role(ctx, patch.creator_role_id),
    }
    given = {name: value for name, value in changes.items() if value is not None}
    rules = msgspec.structs.replace(settings.organizations, **given)
    settings = msgspec.structs.replace(settings, organizations=rules)
    await save_instance(ctx.db, instance, ctx.now, settings=settings)
    return rules


async def _creator_role(ctx: Context, role_id: str | None) -> str | None:
    if role_id is None:
        return None
    role = await ctx.db.one(GET_ROLE, instance_id=ctx.instance.id, id=role_id)
    if role is None:
        raise errors.role_not_found("creator_role_id")
    if not is_administrator(await permission_keys(ctx, role.id)):
        raise errors.creator_role_needs(ADMINISTRATOR_PERMISSIONS)
    return role.key
