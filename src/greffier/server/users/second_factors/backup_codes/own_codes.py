"""Signed-in users make new backup codes."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.users.lookup import lock_user
from greffier.server.users.second_factors.backup_codes.codes import Codes, backup_codes_enabled, new_codes
from greffier.server.users.second_factors.backup_codes.queries import DELETE_CODES, INSERT_CODES
from greffier.server.users.second_factors.state import has_second_factor
from greffier.server.users.update import save_user
from greffier.server.web.context import Context
from greffier.server.web.ports import CurrentSession


async def create_codes(ctx: Context, caller: CurrentSession) -> Codes:
    """New codes; those of before count no more.

    Raises:
        ApiError: 400 when they are not enabled, or the user has no second factor that they could stand in
            for.
    """
    if not backup_codes_enabled(ctx):
        raise errors.backup_codes_not_available()
    codes = await new_codes(ctx, caller.user_id)
    of_user = {"instance_id": ctx.instance.id, "user_id": caller.user_id}
    await ctx.db.execute(DELETE_CODES, **of_user)
    user = await lock_user(ctx, caller.user_id)
    if not has_second_factor(user):
        raise errors.backup_codes_not_available()
    await ctx.db.execute(DELETE_CODES, **of_user)  # those of a request that was faster
    await ctx.db.insert(INSERT_CODES, codes.row)
    await save_user(ctx, user, backup_codes_enabled_at=ctx.now)
    return codes
