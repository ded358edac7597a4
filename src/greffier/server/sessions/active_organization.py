"""The active organization of a session. A session names one; its user must still be a member when a token is
minted.
"""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.organizations.members.queries import FIND_MEMBERSHIP, NEWEST_OF_USER, Membership
from greffier.server.sessions.queries import LAST_OF_USER, SET_ORGANIZATION
from greffier.server.sessions.tables import SessionRow
from greffier.server.store.database import Transaction
from greffier.server.web.context import Context
from greffier.server.web.instance.instance import Instance

Named = str | msgspec.UnsetType | None
"""An id or a slug; empty or null for the personal account; absent to leave it as it is."""


async def active_membership(db: Transaction, instance: Instance, session: SessionRow) -> Membership | None:
    """The membership in the session's active organization; `None` for the personal account, and for a former
    member.
    """
    active = session.last_active_organization_id
    return None if active is None else await _membership(db, instance, session.user_id, active)


async def initial_organization(ctx: Context, user_id: str) -> str | None:
    """The organization that is active in a new session of a user: the one of their last session, which may
    be none; else the one that they joined last."""
    if not ctx.instance.settings.organizations.enabled:
        return None
    keys = {"instance_id": ctx.instance.id, "user_id": user_id}
    last = await ctx.db.one(LAST_OF_USER, **keys)
    if last is not None:
        if last.last_active_organization_id is None:
            return None
        if await active_membership(ctx.db, ctx.instance, last) is not None:
            return last.last_active_organization_id
    newest = await ctx.db.one(NEWEST_OF_USER, **keys)
    return None if newest is None else newest.organization.id


async def membership_for_token(ctx: Context, session: SessionRow, named: Named) -> Membership | None:
    """The membership for a token, whichever organization is active: tabs may be in different ones.

    Raises:
        ApiError: 404 when the user is not a member of the one that is named.
    """
    if isinstance(named, msgspec.UnsetType):
        return await active_membership(ctx.db, ctx.instance, session)
    return await require_membership(ctx, session.user_id, named) if named else None


async def require_membership(ctx: Context, user_id: str, named: str) -> Membership:
    """Raises: ApiError: 404 unless the user is a member of the organization of this id or slug."""
    membership = await _membership(ctx.db, ctx.instance, user_id, named)
    if membership is None:
        raise errors.organization_not_found_or_unauthorized()
    return membership


async def with_organization(ctx: Context, session: SessionRow, named: Named) -> SessionRow:
    """The session as it is with this organization; the caller saves it.

    Raises:
        ApiError: as `require_membership`.
    """
    if isinstance(named, msgspec.UnsetType):
        return session
    membership = await require_membership(ctx, session.user_id, named) if named else None
    chosen = None if membership is None else membership.organization.id
    return msgspec.structs.replace(session, last_active_organization_id=chosen)


async def activate_if_usable(ctx: Context, session: SessionRow, named: Named) -> SessionRow:
    """Make an organization the active one, unless the user is not a member of it: then nothing changes."""
    if isinstance(named, msgspec.UnsetType):
        return session
    membership = await _membership(ctx.db, ctx.instance, session.user_id, named) if named else None
    if named and membership is None:
        return session
    chosen = None if membership is None else membership.organization.id
    if chosen == session.last_active_organization_id:
        return session
    await ctx.db.execute(
        SET_ORGANIZATION, instance_id=ctx.instance.id, id=session.id, organization_id=chosen, now=ctx.now
    )
    return msgspec.structs.replace(session, last_active_organization_id=chosen, updated_at=ctx.now)


async def _membership(db: Transaction, instance: Instance, user_id: str, named: str) -> Membership | None:
    if not instance.settings.organizations.enabled:
        return None
    return await db.one(FIND_MEMBERSHIP, instance_id=instance.id, user_id=user_id, id_or_slug=named)
