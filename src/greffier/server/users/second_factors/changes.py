"""Changes of the second factors of a user, whose row is kept in line with them. Locks are taken in one order:
app, backup codes, user, identifications."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.identifications.claims import make_default_second_factor, of_user, release_second_factors
from greffier.server.users.lookup import lock_user
from greffier.server.users.second_factors.backup_codes.queries import DELETE_CODES, LOCK_CODES_OF_USER
from greffier.server.users.second_factors.state import (
    has_second_factor,
    second_factor_columns,
)
from greffier.server.users.second_factors.totp.queries import DELETE_TOTP, LOCK_TOTP_OF_USER
from greffier.server.users.tables import UserRow
from greffier.server.users.update import save_user
from greffier.server.web.context import Context


async def lock_factors(ctx: Context, user_id: str) -> UserRow:
    """Returns the user as they are now; they and their second factors are held until the request ends.

    Raises:
        ApiError: 404 when there is no such user.
    """
    of_user = {"instance_id": ctx.instance.id, "user_id": user_id}
    await ctx.db.one(LOCK_TOTP_OF_USER, **of_user)
    await ctx.db.one(LOCK_CODES_OF_USER, **of_user)
    return await lock_user(ctx, user_id)


async def save_factors(ctx: Context, user: UserRow, **columns: Any) -> UserRow:
    """Write the columns about second factors. Backup codes go with the last other one: they stand in for
    nothing then. The factors must be locked.

    Raises:
        ApiError: 400 when the user removed the last one, and the instance demands one.
    """
    lost = has_second_factor(user) and not has_second_factor(msgspec.structs.replace(user, **columns))
    if lost:
        if ctx.instance.settings.second_factor_required and not ctx.by_server:
            raise errors.second_factor_deletion_not_allowed()
        await ctx.db.execute(DELETE_CODES, instance_id=ctx.instance.id, user_id=user.id)
        columns["backup_codes_enabled_at"] = None
    return await save_user(ctx, user, **second_factor_columns(user, now=ctx.now, **columns))


async def identifications_changed(ctx: Context, user_id: str) -> UserRow:
    """Second factors among the user's identifications have come or gone. The factors must be locked.

    Raises:
        ApiError: as `save_factors`.
    """
    user = await lock_user(ctx, user_id)
    factors = [one.row for one in await of_user(ctx, user_id) if one.row.is_second_factor]
    if factors and all(one.second_factor != "default" for one in factors):
        await make_default_second_factor(ctx, factors[0])
    there = bool(factors)
    if there == (user.phone_factor_enabled_at is not None):
        return user
    return await save_factors(ctx, user, phone_factor_enabled_at=ctx.now if there else None)


async def remove_totp(ctx: Context, user_id: str) -> UserRow:
    """Remove the app.

    Raises:
        ApiError: 404 when there is no such user; as `save_factors`.
    """
    user = await lock_factors(ctx, user_id)
    await ctx.db.execute(DELETE_TOTP, instance_id=ctx.instance.id, user_id=user_id)
    return await save_factors(ctx, user, totp_enabled_at=None)


async def remove_factors(ctx: Context, user_id: str) -> UserRow:
    """Remove the app and the backup codes; numbers are second factors no more, and identify again.

    Raises:
        ApiError: 404 when there is no such user.
    """
    user = await lock_factors(ctx, user_id)
    of_user = {"instance_id": ctx.instance.id, "user_id": user_id}
    await ctx.db.execute(DELETE_TOTP, **of_user)
    await ctx.db.execute(DELETE_CODES, **of_user)
    await release_second_factors(ctx, user_id)
    gone = dict.fromkeys(("totp_enabled_at", "phone_factor_enabled_at", "backup_codes_enabled_at"))
    return await save_factors(ctx, user, **gone)
