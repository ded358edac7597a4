"""Usernames that people choose themselves, where the instance has them."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.users.profile.names import canonical_username, username_problems
from greffier.server.users.queries import FIND_BY_USERNAME
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context


async def find_by_username(ctx: Context, username: str) -> UserRow | None:
    return await ctx.db.one(
        FIND_BY_USERNAME, instance_id=ctx.instance.id, username=canonical_username(username)
    )


async def choose_username(ctx: Context, text: str, *, own: str | None = None) -> str:
    """The stored form of a username that a user chooses.

    Args:
        own: the username that they have already.

    Raises:
        ApiError: 422 when the instance has no usernames, when it is malformed, or when another user has it.
    """
    require_usernames(ctx)
    username = canonical_username(text)
    if problems := username_problems(username):
        raise errors.invalid_params(*problems)
    if username != own and await find_by_username(ctx, username):
        raise errors.identifier_exists("username")
    return username


def require_usernames(ctx: Context) -> None:
    """Raises: ApiError: 422 when the instance has no usernames."""
    if not ctx.instance.settings.attribute("username").enabled:
        raise errors.invalid_params(errors.param_not_enabled("username"))
