"""Operations of an application's backend on a user's password besides setting it."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.users.lookup import get_user, lock_user
from greffier.server.users.passwords.policy import is_password, password_columns
from greffier.server.users.tables import UserRow
from greffier.server.users.update import save_user
from greffier.server.web.context import Context


async def require_password(ctx: Context, user_id: str, password: str) -> None:
    """Check a password. The caller has the secret key, so failures do not count towards a lock.

    Raises:
        ApiError: 404 when there is no such user, 400 when they have no password, 422 when it is wrong.
    """
    user = await get_user(ctx, user_id)
    if user.password_digest is None:
        raise errors.no_password_set()
    if not await is_password(ctx, user, password):
        raise errors.password_of_user_incorrect()


async def remove_password(ctx: Context, user_id: str, *, sign_out: bool) -> UserRow:
    """Take the password away.

    Raises:
        ApiError: 404 when there is no such user, 400 when they have no password.
    """
    user = await lock_user(ctx, user_id)
    if user.password_digest is None:
        raise errors.no_password_set()
    changed = await save_user(ctx, user, **password_columns(None, ctx.now))
    if sign_out:
        await ctx.services.ports.sessions.revoke_sessions_of_user(ctx, user_id)
    return changed


async def set_compromised(ctx: Context, user_id: str, *, revoke_sessions: bool) -> UserRow:
    """Mark the password as compromised: it is not accepted any more, and the user must choose another one.

    Raises:
        ApiError: 404 when there is no such user, 400 when they have no password.
    """
    user = await lock_user(ctx, user_id)
    if user.password_digest is None:
        raise errors.no_password_set()
    since = user.password_compromised_at or ctx.now
    changed = await save_user(ctx, user, password_compromised_at=since)
    if revoke_sessions:
        await ctx.services.ports.sessions.revoke_sessions_of_user(ctx, user_id)
    return changed


async def unset_compromised(ctx: Context, user_id: str) -> UserRow:
    """Undo a false alarm. Sessions that wait for another password are active again.

    Raises:
        ApiError: 404 when there is no such user.
    """
    user = await lock_user(ctx, user_id)
    return await save_user(ctx, user, password_compromised_at=None)
