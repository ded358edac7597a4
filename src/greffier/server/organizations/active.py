"""The active organization of sessions ends with the membership."""

from __future__ import annotations

from greffier.server.organizations.queries import CLEAR_ACTIVE_OF_MEMBERS, CLEAR_ACTIVE_OF_USER
from greffier.server.web.context import Context


async def clear_active_organization(ctx: Context, organization_id: str, user_id: str | None = None) -> None:
    """No session of this user, or of any member, acts in the organization from now on.

    Call it before the memberships are deleted, which say whose sessions these are.
    """
    keys = {"instance_id": ctx.instance.id, "organization_id": organization_id, "now": ctx.now}
    if user_id is None:
        await ctx.db.execute(CLEAR_ACTIVE_OF_MEMBERS, **keys)
    else:
        await ctx.db.execute(CLEAR_ACTIVE_OF_USER, user_id=user_id, **keys)
