"""Operations of an application's backend on a user's second factors."""

from __future__ import annotations

from typing import Literal

from greffier.server import errors
from greffier.server.users.second_factors.backup_codes.codes import use_backup_code
from greffier.server.users.second_factors.backup_codes.queries import DELETE_CODES
from greffier.server.users.second_factors.totp.codes import use_totp_code
from greffier.server.users.tables import UserRow
from greffier.server.users.update import get_user, lock_user, save_user
from greffier.server.web.context import Context


async def require_code(ctx: Context, user_id: str, code: str) -> Literal["totp", "backup_code"]:
    """Check a code of the app or a backup code, which is used up by it. The caller has the secret key, so
    failures do not count towards a lock.

    Returns:
        which of both it is.

    Raises:
        ApiError: 404 when there is no such user, 400 when they have neither, 422 when the code is wrong.
    """
    user = await get_user(ctx, user_id)
    if user.totp_enabled_at is None and user.backup_codes_enabled_at is None:
        raise errors.totp_disabled()
    if user.totp_enabled_at is not None and await use_totp_code(ctx, user_id, code):
        return "totp"
    if user.backup_codes_enabled_at is not None and await use_backup_code(ctx, user_id, code):
        return "backup_code"
    raise errors.totp_code_incorrect()


async def remove_backup_codes(ctx: Context, user_id: str) -> UserRow:
    """Raises: ApiError: 404 when there is no such user."""
    await ctx.db.execute(DELETE_CODES, instance_id=ctx.instance.id, user_id=user_id)
    user = await lock_user(ctx, user_id)
    return await save_user(ctx, user, backup_codes_enabled_at=None)
