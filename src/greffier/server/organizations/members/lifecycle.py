"""Memberships of an organization, and their roles. The organization is locked while any of this changes, so
that limits and the last administrator hold under parallel requests.
"""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.organizations.members.queries import (
    COUNT_MEMBERS,
    DELETE_MEMBERSHIP,
    GET_MEMBERSHIP,
    INSERT_MEMBERSHIP,
    OTHER_ADMINISTRATORS,
    UPDATE_MEMBERSHIP,
    Membership,
)
from greffier.server.organizations.members.requests import MemberRequest, MembershipRequest
from greffier.server.organizations.queries import COUNT_OPEN
from greffier.server.organizations.requests import MetadataRequest
from greffier.server.organizations.roles.queries import HOLD_ROLE
from greffier.server.organizations.roles.system_permissions import ADMINISTRATOR_PERMISSIONS
from greffier.server.organizations.roles.system_roles import ensure_roles, is_administrator, permission_keys
from greffier.server.organizations.tables import OrganizationMembershipRow, OrganizationRow, RoleRow
from greffier.server.store.ids import new_id
from greffier.server.users.lookup import lock_user
from greffier.server.users.profile.metadata import Change, changed_documents, check_size, checked_documents
from greffier.server.web.context import Context

_FORMER_KEYS = {"admin": "org:admin", "basic_member": "org:member", "org:basic_member": "org:member"}
"""The former keys, in the contract and in older SDKs, of the roles that every instance begins with."""


async def get_membership(ctx: Context, organization_id: str, user_id: str) -> Membership:
    """Raises: ApiError: 404 when the user is no member."""
    membership = await ctx.db.one(
        GET_MEMBERSHIP, instance_id=ctx.instance.id, organization_id=organization_id, user_id=user_id
    )
    if membership is None:
        raise errors.not_found("membership")
    return membership


async def count_members(ctx: Context, organization_id: str) -> int:
    count = await ctx.db.one(COUNT_MEMBERS, instance_id=ctx.instance.id, organization_id=organization_id)
    return count or 0


async def count_invited(ctx: Context, organization_id: str) -> int:
    """Pending invitations."""
    keys = {"instance_id": ctx.instance.id, "organization_id": organization_id}
    return await ctx.db.one(COUNT_OPEN, now=ctx.now, **keys) or 0


async def require_seat(ctx: Context, organization: OrganizationRow, count: int = 1) -> None:
    """Args: organization: locked. count: seats to be taken by additions or invitations.

    Raises:
        ApiError: 403 when there would be too many members, invitations included.
    """
    limit = organization.max_allowed_memberships
    if not limit:
        return
    invited = await count_invited(ctx, organization.id)
    if await count_members(ctx, organization.id) + invited + count > limit:
        raise errors.too_many_members(limit)


async def add_creator(ctx: Context, organization: OrganizationRow, user_id: str) -> None:
    """Make the creator of an organization its first administrator.

    Raises:
        ApiError: 422 when the instance's role for that is missing, or lacks what an administrator needs.
    """
    key = ctx.instance.settings.organizations.creator_role
    role = await ctx.db.one(HOLD_ROLE, instance_id=ctx.instance.id, key=key)
    if role is None or not is_administrator(await permission_keys(ctx, role.id)):
        raise errors.creator_role_needs(ADMINISTRATOR_PERMISSIONS)
    await insert_membership(ctx, organization.id, user_id, role.id)


async def add_member(
    ctx: Context, organization: OrganizationRow, request: MemberRequest, *, by: Membership | None = None
) -> Membership:
    """Args:
        organization: locked.
        by: the member who adds another; `None` for the application itself.

    Raises:
        ApiError: 404 without such a user or role; 400 when the user is a member already; 403 when the
            organization is full, or the role exceeds the permissions of the member who asks.
    """
    role = await given_role(ctx, request.role, by)
    documents: dict[str, dict[str, Any]] = {}
    if isinstance(request, MembershipRequest):
        for name in ("public_metadata", "private_metadata"):
            value = getattr(request, name)
            documents[name] = {} if value is msgspec.UNSET else value or {}
        check_size(documents)
    user = await lock_user(ctx, request.user_id)  # who is not deleted meanwhile
    keys = {"instance_id": ctx.instance.id, "organization_id": organization.id}
    if await ctx.db.one(GET_MEMBERSHIP, user_id=user.id, **keys) is not None:
        raise errors.already_a_member(user.id)
    await require_seat(ctx, organization)
    await insert_membership(ctx, organization.id, user.id, role.id, **documents)
    return await get_membership(ctx, organization.id, user.id)


async def insert_membership(
    ctx: Context, organization_id: str, user_id: str, role_id: str, **documents: dict[str, Any]
) -> None:
    row = OrganizationMembershipRow(
        id=new_id("orgmem", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        organization_id=organization_id,
        user_id=user_id,
        role_id=role_id,
        public_metadata=documents.get("public_metadata", {}),
        private_metadata=documents.get("private_metadata", {}),
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await ctx.db.insert(INSERT_MEMBERSHIP, row)


async def change_role(
    ctx: Context, organization: OrganizationRow, user_id: str, key: str, *, by: Membership | None = None
) -> Membership:
    """Args: organization: locked. by: as in `add_member`.

    Raises:
        ApiError: 404 without such a member or role; 403 when the member who asks may not give the role, or
            has fewer permissions than the other; 400 or 422 for the last administrator.
    """
    member = await get_membership(ctx, organization.id, user_id)
    _require_no_less(by, member.permissions)
    role = await given_role(ctx, key, by)
    if not is_administrator(await permission_keys(ctx, role.id)):
        await _require_other_administrator(ctx, member, by)
    row = msgspec.structs.replace(member.row, role_id=role.id, updated_at=ctx.now)
    await ctx.db.save(UPDATE_MEMBERSHIP, row)
    return await get_membership(ctx, organization.id, user_id)


async def remove_member(
    ctx: Context, organization: OrganizationRow, user_id: str, *, by: Membership | None = None
) -> Membership:
    """Remove a member; returns the former membership. A member may always remove themselves, unless they are
    the last administrator.

    Args:
        organization: locked.
        by: as in `add_member`.

    Raises:
        ApiError: 404 without such a member; 403 when the member who asks has fewer permissions than the
            other; 400 or 422 for the last administrator.
    """
    member = await get_membership(ctx, organization.id, user_id)
    _require_no_less(by, member.permissions)
    await _require_other_administrator(ctx, member, by)
    await ctx.services.ports.sessions.clear_active_organization(ctx, organization.id, user_id)
    await ctx.db.execute(
        DELETE_MEMBERSHIP,
        instance_id=ctx.instance.id,
        organization_id=organization.id,
        user_id=user_id,
    )
    return member


async def change_metadata(
    ctx: Context,
    organization: OrganizationRow,
    user_id: str,
    request: MetadataRequest,
    change: Change,
) -> Membership:
    """Args: organization: locked.

    Raises:
        ApiError: 404 without such a member; 422 when a document is, or becomes, too large.
    """
    given = checked_documents(request)
    member = await get_membership(ctx, organization.id, user_id)
    documents = changed_documents(member.row, given, change)
    row = msgspec.structs.replace(member.row, **documents, updated_at=ctx.now)
    await ctx.db.save(UPDATE_MEMBERSHIP, row)
    return msgspec.structs.replace(member, row=row)


# --- what may be given and taken ----------------------------------------------------------------------------


async def given_role(ctx: Context, key: str, by: Membership | None) -> RoleRow:
    await ensure_roles(ctx)
    keys = {"instance_id": ctx.instance.id}
    role = await ctx.db.one(HOLD_ROLE, key=key, **keys)
    if role is None and key in _FORMER_KEYS:
        role = await ctx.db.one(HOLD_ROLE, key=_FORMER_KEYS[key], **keys)
    if role is None:
        raise errors.role_not_found()
    _require_no_less(by, await permission_keys(ctx, role.id))
    return role


def _require_no_less(by: Membership | None, permissions: tuple[str, ...]) -> None:
    """Administrators may do everything; other managers of members, nothing beyond their own permissions."""
    if by is None or is_administrator(by.permissions):
        return
    if not set(permissions) <= set(by.permissions):
        raise errors.role_beyond_own()


async def _require_other_administrator(ctx: Context, member: Membership, by: Membership | None) -> None:
    if not is_administrator(member.permissions):
        return
    keys = {"organization_id": member.organization.id, "user_id": member.row.user_id}
    if not await ctx.db.one(OTHER_ADMINISTRATORS, instance_id=ctx.instance.id, **keys):
        raise errors.last_administrator(422 if by is None else 400)  # as either face's contract has it
