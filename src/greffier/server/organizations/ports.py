"""The organizations of users, for lower rooms: `web.context.OrganizationsPort`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.organizations.members.queries import MEMBERSHIPS_OF_USER
from greffier.server.organizations.members.resources import FrontendMembership, own_membership
from greffier.server.organizations.tables import organization_memberships
from greffier.server.web.context import Context


async def memberships_of_user(ctx: Context, user_id: str) -> list[FrontendMembership]:
    """As browsers are shown them within the user; none where organizations are switched off."""
    if not ctx.instance.settings.organizations.enabled:
        return []
    rows = await ctx.db.all(MEMBERSHIPS_OF_USER, instance_id=ctx.instance.id, user_id=user_id)
    return [own_membership(ctx, row) for row in rows]


def members_of(instance_id: str, organization_ids: list[str]) -> sa.Select[Any]:
    """The ids of those who are members of any of these organizations."""
    table = organization_memberships.c
    return sa.select(table.user_id).where(
        table.instance_id == instance_id, table.organization_id.in_(organization_ids)
    )
