"""Notices to the user about a use of their passkeys."""

from __future__ import annotations

from functools import partial

from greffier.server.delivery.messages import passkey_refused_message
from greffier.server.identifications.notices import notify_user
from greffier.server.users.passkeys.tables import PasskeyRow
from greffier.server.web.context import Context


async def notify_of_refused_passkey(ctx: Context, row: PasskeyRow) -> None:
    """Its counter went back: there may be a copy of it."""
    await notify_user(ctx, row.user_id, partial(passkey_refused_message, passkey_name=row.name))
