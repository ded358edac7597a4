"""Trusted devices as evidence of a user, for sign-ins."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.users.trusted_devices.challenges import (
    begin_challenge,
    conclude,
    require_signed,
    take_challenge,
)
from greffier.server.users.trusted_devices.own_devices import find_device, require_trusted_devices
from greffier.server.users.trusted_devices.public_keys import DeviceKey
from greffier.server.users.trusted_devices.queries import LOCK, UPDATE
from greffier.server.users.trusted_devices.tables import TrustedDeviceRow
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context

_SIGN_IN = "sign_in"


async def ask_for_device(ctx: Context, sign_in_id: str, device_id: str) -> VerificationRow:
    """A challenge for one device.

    Args:
        sign_in_id: the only sign-in that it is for.

    Raises:
        ApiError: 422 when the device is not enrolled, or is revoked; 403 when devices are not enabled.
    """
    require_trusted_devices(ctx)
    if not _usable(ctx, await find_device(ctx, device_id)):
        raise errors.trusted_device_not_registered()
    return await begin_challenge(ctx, _SIGN_IN, sign_in_id=sign_in_id, trusted_device_id=device_id)


async def verify_device(
    ctx: Context,
    sign_in_id: str,
    verification_id: str | None,
    *,
    device_id: str,
    client_data: str,
    signature: str,
) -> VerificationRow:
    """Check the answer to a challenge, which is used up by it.

    Raises:
        ApiError: 400 when the challenge is over or another device's, or the signature is wrong; 422 when
            another text was signed, or the device was revoked meanwhile; 403 as `ask_for_device`.
    """
    require_trusted_devices(ctx)
    bound_to = {"sign_in_id": sign_in_id, "trusted_device_id": device_id}
    verification = await take_challenge(ctx, verification_id, _SIGN_IN, **bound_to)
    row = await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=device_id)
    if row is None or not _usable(ctx, row):
        await conclude(ctx, verification, "failed")
        raise errors.trusted_device_not_registered(keep_changes=True)
    await require_signed(ctx, verification, DeviceKey(row.public_key), client_data, signature)
    await ctx.db.save(UPDATE, msgspec.structs.replace(row, last_used_at=ctx.now, updated_at=ctx.now))
    return await conclude(ctx, verification, "verified")


async def owner_of_used(ctx: Context, verification: VerificationRow) -> str | None:
    """Returns the id of the user whose device was verified."""
    device = await find_device(ctx, (verification.details or {})["trusted_device_id"])
    return device.user_id if device else None


async def is_valid(ctx: Context, device_id: str) -> bool:
    """Returns whether a device can sign in here, as far as it is for the device."""
    return ctx.instance.settings.native.trusted_devices and _usable(ctx, await find_device(ctx, device_id))


def _usable(ctx: Context, row: TrustedDeviceRow | None) -> bool:
    """Of an app that the settings still name."""
    native = ctx.instance.settings.native
    return row is not None and row.app_identifier in native.app_identifiers(row.platform)
