"""What people are told when something that identifies them has changed."""

from __future__ import annotations

from greffier.server.delivery.messages import (
    Notice,
    account_exists_message,
    primary_email_changed_message,
)
from greffier.server.identifications.emails import find_claimed
from greffier.server.identifications.tables import EmailAddressRow
from greffier.server.verifications.codes import is_test_address
from greffier.server.web.context import Context
from greffier.server.web.mailing import send_mail


async def tell_of_new_primary(ctx: Context, former: EmailAddressRow | None) -> None:
    """Mail the address that was the primary one until now, in the same transaction; test addresses get no
    mail."""
    if former is None or (ctx.instance.test_mode and is_test_address(former.email_address)):
        return
    message = primary_email_changed_message(
        to_address=former.email_address, application_name=ctx.instance.settings.application_name
    )
    await send_mail(ctx, message, "notice")


async def notice_if_taken(ctx: Context, address: str) -> Notice | None:
    """What to mail instead of a code where it must not be told that an account has this address: its owner
    learns of it, and whoever asked learns nothing. `None` for an address that is free."""
    hidden = ctx.instance.settings.attack_protection.enumeration_protection
    return account_exists_message if hidden and await find_claimed(ctx, address) else None
