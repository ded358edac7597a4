"""Removal of second factors."""

from __future__ import annotations

from greffier.server.users.lookup import lock_user
from greffier.server.users.second_factors.backup_codes.queries import DELETE_CODES
from greffier.server.users.second_factors.state import second_factor_columns
from greffier.server.users.second_factors.totp.queries import DELETE_TOTP
from greffier.server.users.tables import UserRow
from greffier.server.users.update import save_user
from greffier.server.web.context import Context


async def remove_factors(ctx: Context, user_id: str) -> UserRow:
    """Remove the app and the backup codes.

    Raises:
        ApiError: 404 when there is no such user.
    """
    of_user = {"instance_id": ctx.instance.id, "user_id": user_id}
    await ctx.db.execute(DELETE_TOTP, **of_user)
    await ctx.db.execute(DELETE_CODES, **of_user)
    user = await lock_user(ctx, user_id)
    gone = second_factor_columns(user, now=ctx.now, totp_enabled_at=None, backup_codes_enabled_at=None)
    return await save_user(ctx, user, **gone)
