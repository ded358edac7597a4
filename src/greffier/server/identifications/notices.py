"""Notices: those that strategies send instead of a code or link, and those about a user's account."""

from __future__ import annotations

from typing import Literal

from greffier.server.delivery import messages
from greffier.server.identifications.claims import find_claimed, of_user
from greffier.server.identifications.kinds import kind_named
from greffier.server.verifications.identifiers import Identifier
from greffier.server.web.context import Context

Notice = Literal["account_exists", "no_account"]
"""The notice that a strategy sends instead of a code or a link. It verifies nothing."""


async def notice_if_taken(ctx: Context, identifier: Identifier) -> Notice | None:
    """Returns the notice to send instead of a code or link under enumeration protection if an account has
    this identifier: its owner is informed, and the caller learns nothing. `None` if it is free.
    """
    hidden = ctx.instance.settings.attack_protection.enumeration_protection
    return "account_exists" if hidden and await find_claimed(ctx, identifier) else None


async def notify_user(ctx: Context, user_id: str, notice: messages.Notice) -> None:
    """Sends a notice to the user's primary identifications, where their kind has a way for it. In the same
    transaction."""
    for one in await of_user(ctx, user_id):
        if one.row.is_primary:
            await kind_named(one.row.kind).notify(ctx, one.row, notice)
