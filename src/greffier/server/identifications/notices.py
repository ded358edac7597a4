"""What people are told instead of being asked for a proof."""

from __future__ import annotations

from typing import Literal

from greffier.server.identifications.claims import find_claimed
from greffier.server.verifications.identifiers import Identifier
from greffier.server.web.context import Context

Notice = Literal["account_exists", "no_account"]
"""What a strategy sends instead of a code or a link. Nothing proves the identifier then."""


async def notice_if_taken(ctx: Context, identifier: Identifier) -> Notice | None:
    """What to send instead of a proof where it must not be told that an account has this identifier: its
    owner learns of it, and whoever asked learns nothing. `None` for one that is free."""
    hidden = ctx.instance.settings.attack_protection.enumeration_protection
    return "account_exists" if hidden and await find_claimed(ctx, identifier) else None
