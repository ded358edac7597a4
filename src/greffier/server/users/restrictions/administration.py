"""Bans and locks by an administrator. A banned or locked user has no sessions from then on, and no grants to
applications.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from greffier.server import errors
from greffier.server.errors import ApiError
from greffier.server.users.lookup import lock_user
from greffier.server.users.restrictions.lockout import ADMITTED_AGAIN, locked_by_administrator
from greffier.server.users.tables import UserRow
from greffier.server.users.update import save_user
from greffier.server.web.context import Context


async def ban(ctx: Context, user_id: str) -> UserRow:
    """Raises: ApiError: 404 when this instance has no such user, as all of these do."""
    return await _block(ctx, user_id, banned=True)


async def unban(ctx: Context, user_id: str) -> UserRow:
    return await save_user(ctx, await lock_user(ctx, user_id), banned=False)


async def ban_all(ctx: Context, user_ids: list[str]) -> list[UserRow]:
    """Ban all of these users, or none.

    Raises:
        ApiError: 400 when one of them is not there.
    """
    return [await _one_of_many(ctx, user_id, ban) for user_id in sorted(set(user_ids))]


async def unban_all(ctx: Context, user_ids: list[str]) -> list[UserRow]:
    return [await _one_of_many(ctx, user_id, unban) for user_id in sorted(set(user_ids))]


async def _one_of_many(
    ctx: Context, user_id: str, change: Callable[[Context, str], Awaitable[UserRow]]
) -> UserRow:
    """Callers go in the order of the ids, so that two requests cannot wait for each other's locks."""
    try:
        return await change(ctx, user_id)
    except ApiError as error:
        if error.status != 404:
            raise
        raise ApiError(400, errors.param_value_invalid("user_ids", user_id)) from None


async def lock(ctx: Context, user_id: str) -> UserRow:
    """For as long as the instance's lockout lasts."""
    return await _block(ctx, user_id, **locked_by_administrator(ctx.instance, ctx.now))


async def unlock(ctx: Context, user_id: str) -> UserRow:
    """Unlock the user and reset the count of failures."""
    return await save_user(ctx, await lock_user(ctx, user_id), **ADMITTED_AGAIN)


async def _block(ctx: Context, user_id: str, **columns: Any) -> UserRow:
    changed = await save_user(ctx, await lock_user(ctx, user_id), **columns)
    await ctx.services.ports.sessions.revoke_sessions_of_user(ctx, user_id)
    await ctx.services.ports.oauth_grants.end_grants_of_user(ctx, user_id)
    return changed
