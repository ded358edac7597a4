"""The permissions of a member: looked up in the membership at each request, because a token may be older than
the role.
"""

from __future__ import annotations

from greffier.server import errors
from greffier.server.organizations.members.queries import GET_MEMBERSHIP, Membership
from greffier.server.organizations.queries import LOCK
from greffier.server.organizations.roles.system_roles import require_enabled
from greffier.server.web.context import Context


async def own_membership(ctx: Context, organization_id: str, *permissions: str) -> Membership:
    """The signed-in user's membership, if its role has any of these permissions.

    Raises:
        ApiError: 401 when signed out; 403 while organizations are off, or without the permission; 404
            when the user is no member, whether there is such an organization or not.
    """
    caller = await ctx.require_session()
    require_enabled(ctx)
    return await _allowed(ctx, organization_id, caller.user_id, permissions)


async def listing_membership(ctx: Context, organization_id: str, *permissions: str) -> Membership:
    """The same for lists whose contract knows no 404: there non-members get 403.

    Raises:
        ApiError: as `own_membership`, but for the status.
    """
    with errors.answered_with(403, instead_of=404):
        return await own_membership(ctx, organization_id, *permissions)


async def locked_membership(ctx: Context, organization_id: str, *permissions: str) -> Membership:
    """The same for a request that changes something: the organization is locked, and a permission that was
    removed meanwhile counts no more.

    Raises:
        ApiError: as `own_membership`.
    """
    own = await own_membership(
        ctx, organization_id, *permissions
    )  # before anything is locked for non-members
    await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=organization_id)
    return await _allowed(ctx, organization_id, own.row.user_id, permissions)


async def _allowed(
    ctx: Context, organization_id: str, user_id: str, permissions: tuple[str, ...]
) -> Membership:
    membership = await ctx.db.one(
        GET_MEMBERSHIP, instance_id=ctx.instance.id, user_id=user_id, organization_id=organization_id
    )
    if membership is None:
        raise errors.organization_not_found_or_unauthorized()
    if permissions and not set(permissions) & set(membership.permissions):
        raise errors.missing_organization_permission(permissions)
    return membership
