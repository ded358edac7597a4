"""Notices to the user about their trusted devices."""

from __future__ import annotations

from functools import partial

from greffier.server.delivery.messages import trusted_device_added_message
from greffier.server.identifications.notices import notify_user
from greffier.server.users.trusted_devices.tables import TrustedDeviceRow
from greffier.server.web.context import Context


async def notify_of_new_device(ctx: Context, row: TrustedDeviceRow) -> None:
    name = row.name or {"ios": "iOS", "android": "Android"}[row.platform]
    await notify_user(ctx, row.user_id, partial(trusted_device_added_message, device_name=name))
