"""A user's trusted devices as an application's backend sees them."""

from __future__ import annotations

from greffier.server.users.trusted_devices import own_devices
from greffier.server.users.trusted_devices.resources import TrustedDevice, trusted_device
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.pagination import Page


@backend_api.get("/v1/users/{user_id}/trusted_devices")
async def list_user_trusted_devices(ctx: Context, user_id: str) -> Page[TrustedDevice]:
    rows = await own_devices.devices_of_user(ctx, user_id)
    return Page([trusted_device(row) for row in rows], len(rows))


@backend_api.delete("/v1/users/{user_id}/trusted_devices/{trusted_device_id}")
async def revoke_user_trusted_device(ctx: Context, user_id: str, trusted_device_id: str) -> TrustedDevice:
    return trusted_device(await own_devices.revoke(ctx, user_id, trusted_device_id), revoked_at=ctx.now)
