"""The one way by which mail leaves a request: counted per mailbox, and queued in its transaction."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.delivery.addresses import PARAM, is_test_address
from greffier.server.delivery.messages import Message
from greffier.server.delivery.outbox import queue_message
from greffier.server.web.context import Context
from greffier.server.web.limits.rate_limits import MailKind


def require_reachable(ctx: Context, address: str, param: str = PARAM) -> None:
    """Require that mail can reach an address that a user enters, before they wait for it.

    Raises:
        ApiError: 422 at `param` when the mail server cannot carry it (SMTPUTF8, RFC 6531).
    """
    if not ctx.services.ports.outbox.reaches(address):
        why = "No mail can be sent to this address. Use one with plain letters before the @."
        raise errors.identifier_invalid(param, why)


def is_testing(ctx: Context, address: str) -> bool:
    """Returns whether this is a test address, and of an instance that has such: it takes the fixed code and
    gets no mail."""
    return ctx.instance.test_mode and is_test_address(address)


async def send_mail(
    ctx: Context, message: Message, kind: MailKind, *, also_when_testing: bool = False
) -> None:
    """Queue a mail in the caller's transaction; nothing goes to a test address.

    Args:
        kind: a notice counts, and is never kept back.
        also_when_testing: test addresses get it too, because what is in it cannot be known otherwise.

    Raises:
        ApiError: 429 when the mailbox has been sent too many; 422 when no mail can go there, unless this is
            a notice.
    """
    if is_testing(ctx, message.to_address) and not also_when_testing:
        return
    if kind != "notice":
        require_reachable(ctx, message.to_address)
    await ctx.services.limits.mail_to(ctx.instance, message.to_address, kind, ctx.now)
    await queue_message(
        ctx.db,
        instance_id=ctx.instance.id,
        now=ctx.now,
        message=message,
        for_inbox=ctx.services.settings.show_inbox,
    )
    ctx.db.after_commit(ctx.services.ports.outbox.wake)
