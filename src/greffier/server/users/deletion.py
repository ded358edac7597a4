"""Deletion of a user with all their data."""

from __future__ import annotations

from greffier.server.users.external_accounts.provider_tokens.keeping import give_up_of_user
from greffier.server.users.lookup import lock_user
from greffier.server.users.queries import DELETE
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context


async def delete_user(ctx: Context, user_id: str) -> UserRow:
    """Delete the user and return their last state. Sessions are revoked and get no other token; addresses,
    attempts and tickets go with the row (foreign keys).

    Raises:
        ApiError: 404 when this instance has no such user.
    """
    user = await lock_user(ctx, user_id)
    await ctx.services.ports.sessions.revoke_sessions_of_user(ctx, user.id)
    await give_up_of_user(ctx, user.id)
    await ctx.db.execute(DELETE, instance_id=ctx.instance.id, id=user.id)
    return user
