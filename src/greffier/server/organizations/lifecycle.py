"""Organizations: made, found, changed, deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.errors import ErrorItem
from greffier.server.organizations.members.lifecycle import add_creator
from greffier.server.organizations.queries import (
    COUNT_CREATED,
    DELETE,
    FIND_BY_SLUG,
    GET,
    INSERT,
    LOCK,
    UPDATE,
)
from greffier.server.organizations.requests import (
    MetadataRequest,
    OrganizationFields,
    OrganizationPatch,
    OrganizationRequest,
)
from greffier.server.organizations.roles.system_roles import ensure_roles, require_enabled
from greffier.server.organizations.slugs import lock_names, name_problems, slug_for, slug_problems
from greffier.server.organizations.tables import OrganizationRow
from greffier.server.store.database import UniqueViolation
from greffier.server.store.ids import new_id
from greffier.server.users.lookup import find_locked_user
from greffier.server.users.profile.metadata import (
    Change,
    changed_documents,
    checked_documents,
    given_documents,
    metadata_problems,
)
from greffier.server.users.requests import milliseconds
from greffier.server.versions.v2026_05_12 import METADATA_HAS_OWN_OPERATIONS
from greffier.server.web.context import Context


async def get_organization(ctx: Context, organization_id: str) -> OrganizationRow:
    """Raises: ApiError: 404 when the instance has no such organization, 403 while it has none."""
    require_enabled(ctx)
    return _found(await ctx.db.one(GET, instance_id=ctx.instance.id, id=organization_id))


async def find_organization(ctx: Context, id_or_slug: str) -> OrganizationRow:
    """By its id or by its slug, which has no underscore and so is no id.

    Raises:
        ApiError: 404 when the instance has no such organization, 403 while it has none.
    """
    if id_or_slug.startswith("org_"):
        return await get_organization(ctx, id_or_slug)
    require_enabled(ctx)
    return _found(await ctx.db.one(FIND_BY_SLUG, instance_id=ctx.instance.id, slug=id_or_slug))


async def lock_organization(ctx: Context, organization_id: str) -> OrganizationRow:
    """The organization as it is now, held until the request ends: members are added, changed or removed by
    one request at a time.

    Raises:
        ApiError: 404 when the instance has no such organization, 403 while it has none.
    """
    require_enabled(ctx)
    return _found(await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=organization_id))


def _found(row: OrganizationRow | None) -> OrganizationRow:
    if row is None:
        raise errors.not_found("organization")
    return row


async def create_organization(ctx: Context, request: OrganizationRequest) -> OrganizationRow:
    """A new organization for an application's backend; the user named as its creator becomes the first
    member.

    Raises:
        ApiError: 422 with an entry for everything that is wrong; 400 when there is no such creator.
    """
    await ensure_roles(ctx)
    problems = _problems(ctx, request)
    if problems:
        raise errors.invalid_params(*problems)
    creator = request.created_by
    if creator is not None and await find_locked_user(ctx, creator) is None:
        raise errors.organization_creator_not_found()
    await _hold_names(ctx, request)
    return await _write(ctx, request, creator)


async def create_own_organization(ctx: Context, user_id: str, fields: OrganizationFields) -> OrganizationRow:
    """A user's own organization, if they may make one more.

    Raises:
        ApiError: 403 when they may not; 422 with an entry for everything that is wrong.
    """
    await ensure_roles(ctx)
    await _hold_names(ctx, fields)
    user = await find_locked_user(ctx, user_id)
    if user is None:
        raise errors.signed_out()
    rules = ctx.instance.settings.actions
    if not (rules.create_organization and user.create_organization_enabled):
        raise errors.organization_creation_not_allowed()
    own, general = user.create_organizations_limit, rules.create_organizations_limit
    limit = (general if own is None else own) or 0
    if (
        limit
        and (await ctx.db.one(COUNT_CREATED, instance_id=ctx.instance.id, user_id=user_id) or 0) >= limit
    ):
        raise errors.too_many_organizations(limit)
    problems = _problems(ctx, fields)
    if problems:
        raise errors.invalid_params(*problems)
    return await _write(ctx, fields, user_id)


async def _hold_names(ctx: Context, fields: OrganizationFields) -> None:
    if not fields.slug:
        await lock_names(ctx)


def _problems(ctx: Context, fields: OrganizationFields) -> list[ErrorItem]:
    if not isinstance(fields.name, str):
        return [errors.param_missing("name")]
    problems = name_problems(fields.name)
    problems += slug_problems(ctx, fields.slug) if fields.slug else []
    return problems + _backend_problems(fields)


def _backend_problems(fields: OrganizationFields) -> list[ErrorItem]:
    if not isinstance(fields, OrganizationRequest | OrganizationPatch):
        return []
    problems = metadata_problems(given_documents(fields))
    if fields.role_set_key is not None:
        problems.append(errors.param_not_enabled("role_set_key"))
    return problems


async def _write(ctx: Context, fields: OrganizationFields, creator: str | None) -> OrganizationRow:
    rules = ctx.instance.settings.organizations
    more = fields if isinstance(fields, OrganizationRequest) else OrganizationRequest(name=fields.name)
    name = str(fields.name).strip()
    row = OrganizationRow(
        id=new_id("org", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        name=name,
        slug=fields.slug or await slug_for(ctx, name),
        image_id=None,
        created_by=creator,
        max_allowed_memberships=_chosen(more.max_allowed_memberships, rules.max_allowed_memberships),
        admin_delete_enabled=rules.admin_delete,
        public_metadata=given_documents(more).get("public_metadata", {}),
        private_metadata=given_documents(more).get("private_metadata", {}),
        created_at=milliseconds(more.created_at) if isinstance(more.created_at, datetime) else ctx.now,
        updated_at=ctx.now,
    )
    try:
        await ctx.db.insert(INSERT, row)
    except UniqueViolation:
        raise errors.identifier_exists("slug") from None
    if creator is not None:
        await add_creator(ctx, row, creator)
    return row


def _chosen(given: Any, default: int) -> int:
    return given if isinstance(given, int) else default


async def save_organization(ctx: Context, row: OrganizationRow, **columns: Any) -> OrganizationRow:
    """Raises: ApiError: 422 `form_identifier_exists` when another organization has the slug."""
    changed = msgspec.structs.replace(row, updated_at=ctx.now, **columns)
    try:
        await ctx.db.save(UPDATE, changed)
    except UniqueViolation:
        raise errors.identifier_exists("slug") from None
    return changed


async def update_organization(
    ctx: Context, organization_id: str, patch: OrganizationFields
) -> OrganizationRow:
    """Change what is named, and nothing else; null is as absent.

    Raises:
        ApiError: 404 without such an organization; 422 with an entry for everything that is wrong.
    """
    row = await lock_organization(ctx, organization_id)
    problems: list[ErrorItem] = []
    columns: dict[str, Any] = {}
    if isinstance(patch.name, str):
        problems += name_problems(patch.name)
        columns["name"] = patch.name.strip()
    if isinstance(patch.slug, str) and patch.slug != row.slug:
        problems += slug_problems(ctx, patch.slug)
        columns["slug"] = patch.slug
    if isinstance(patch, OrganizationPatch):
        problems += _misplaced(ctx, patch) + _backend_problems(patch)
        columns |= _backend_columns(patch)
    if problems:
        raise errors.invalid_params(*problems)
    return await save_organization(ctx, row, **columns)


def _misplaced(ctx: Context, patch: OrganizationPatch) -> list[ErrorItem]:
    if not METADATA_HAS_OWN_OPERATIONS.applies(ctx.version):
        return []
    return [errors.organization_metadata_has_its_own_operation(name) for name in given_documents(patch)]


def _backend_columns(patch: OrganizationPatch) -> dict[str, Any]:
    columns: dict[str, Any] = dict(given_documents(patch))
    for name in ("max_allowed_memberships", "admin_delete_enabled"):
        value = getattr(patch, name)
        if value is not None:
            columns[name] = value
    if isinstance(patch.created_at, datetime):
        columns["created_at"] = milliseconds(patch.created_at)
    return columns


async def change_metadata(
    ctx: Context,
    organization_id: str,
    request: MetadataRequest,
    change: Change,
) -> OrganizationRow:
    """Change each document that is given.

    Raises:
        ApiError: 404 without such an organization; 422 when a document is, or becomes, too large.
    """
    given = checked_documents(request)
    row = await lock_organization(ctx, organization_id)
    return await save_organization(ctx, row, **changed_documents(row, given, change))


async def delete_organization(ctx: Context, organization_id: str) -> OrganizationRow:
    """Delete the organization with its memberships; it is active in no session any more.

    Raises:
        ApiError: 404 when the instance has no such organization.
    """
    row = await lock_organization(ctx, organization_id)
    await ctx.services.ports.sessions.clear_active_organization(ctx, row.id)
    await ctx.db.execute(DELETE, instance_id=ctx.instance.id, id=row.id)
    return row
