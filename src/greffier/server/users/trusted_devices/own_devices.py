"""A user's trusted devices: found and revoked. `enrollment.py` adds them."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.users.lookup import get_user
from greffier.server.users.trusted_devices.queries import ALL_OF_USER, DELETE, GET, LOCK_OF_USER
from greffier.server.users.trusted_devices.tables import TrustedDeviceRow
from greffier.server.web.context import Context


def require_trusted_devices(ctx: Context) -> None:
    """Raises: ApiError: 403 when the instance has none."""
    if not ctx.instance.settings.native.trusted_devices:
        raise errors.trusted_devices_not_enabled()


async def devices_of(ctx: Context, user_id: str) -> list[TrustedDeviceRow]:
    """Returns the trusted devices of a user, newest first."""
    return await ctx.db.all(ALL_OF_USER, instance_id=ctx.instance.id, user_id=user_id)


async def devices_of_user(ctx: Context, user_id: str) -> list[TrustedDeviceRow]:
    """Raises: ApiError: 404 when the instance has no such user."""
    return await devices_of(ctx, (await get_user(ctx, user_id)).id)


async def find_device(ctx: Context, device_id: str) -> TrustedDeviceRow | None:
    """Returns a device of any user of the instance, which may sign in with it."""
    return await ctx.db.one(GET, instance_id=ctx.instance.id, id=device_id)


async def revoke(ctx: Context, user_id: str, device_id: str) -> TrustedDeviceRow:
    """Revoke a device of this user. Revocation works where devices have been disabled meanwhile.

    Raises:
        ApiError: 404 when it is not the user's.
    """
    keys = {"instance_id": ctx.instance.id, "user_id": user_id, "id": device_id}
    row = await ctx.db.one(LOCK_OF_USER, **keys)
    if row is None:
        raise errors.not_found("trusted device")
    await ctx.db.execute(DELETE, **keys)
    return row
