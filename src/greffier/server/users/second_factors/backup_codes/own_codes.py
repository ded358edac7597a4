"""Backup codes that users are given with their first second factor, and those that they make later."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.users.lookup import get_user, lock_user
from greffier.server.users.second_factors.backup_codes.codes import Codes, backup_codes_enabled, new_codes
from greffier.server.users.second_factors.backup_codes.queries import DELETE_CODES, INSERT_CODES
from greffier.server.users.second_factors.state import has_second_factor
from greffier.server.users.update import save_user
from greffier.server.web.context import Context
from greffier.server.web.ports import CurrentSession


async def first_codes(ctx: Context, user_id: str) -> Codes | None:
    """Returns the codes that come with the first second factor; `None` where none do. They are not written
    yet: hashing them takes long, and holds no lock."""
    user = await get_user(ctx, user_id)
    come = backup_codes_enabled(ctx) and not has_second_factor(user) and user.backup_codes_enabled_at is None
    return await new_codes(ctx, user_id) if come else None


async def give_first_codes(ctx: Context, user_id: str, codes: Codes | None) -> list[str] | None:
    """Returns the codes, once they are written: the user has their first second factor now. `None` when there
    are no such codes, or a request that was faster has given others."""
    if codes is None:
        return None
    user = await lock_user(ctx, user_id)
    if not has_second_factor(user) or user.backup_codes_enabled_at is not None:
        return None
    await ctx.db.insert(INSERT_CODES, codes.row)
    await save_user(ctx, user, backup_codes_enabled_at=ctx.now)
    return codes.codes


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
