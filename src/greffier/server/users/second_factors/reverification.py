"""Changes of second factors need a factor that was verified just before."""

from __future__ import annotations

from greffier.server.users.queries import GET as GET_USER
from greffier.server.users.second_factors.state import has_second_factor
from greffier.server.web.context import Context
from greffier.server.web.ports import CurrentSession


async def require_reverified(ctx: Context, caller: CurrentSession) -> None:
    """By the strongest factor that the user has."""
    user = await ctx.db.one(GET_USER, instance_id=ctx.instance.id, id=caller.user_id)
    second = user is not None and has_second_factor(user)
    await ctx.services.ports.sessions.require_reverified(ctx, caller, second=second)
