"""Finding users of the instance by their ids."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.users.queries import GET, LOCK
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context


async def find_user(ctx: Context, user_id: str) -> UserRow | None:
    """The user, if this instance has one of this id."""
    return await ctx.db.one(GET, instance_id=ctx.instance.id, id=user_id)


async def find_locked_user(ctx: Context, user_id: str) -> UserRow | None:
    """The user as they are now, held until the request ends, if this instance has one of this id."""
    return await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=user_id)


async def get_user(ctx: Context, user_id: str) -> UserRow:
    """Raises: ApiError: 404 when this instance has no such user."""
    return _found(await find_user(ctx, user_id))


async def lock_user(ctx: Context, user_id: str) -> UserRow:
    """As `find_locked_user`.

    Raises:
        ApiError: 404 when this instance has no such user.
    """
    return _found(await find_locked_user(ctx, user_id))


def _found(user: UserRow | None) -> UserRow:
    if user is None:
        raise errors.not_found("user")
    return user
