"""The one way by which mail leaves a request: counted per mailbox, and queued in its transaction."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.delivery.addresses import PARAM
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


async def send_mail(ctx: Context, message: Message, kind: MailKind) -> None:
    """Queue a mail in the caller's transaction.

    Args:
        kind: a notice counts, and is never kept back.

    Raises:
        ApiError: 429 when the mailbox has been sent too many; 422 when no mail can go there, unless this is
            a notice.
    """
    if kind != "notice":
        require_reachable(ctx, message.to_address)
    await ctx.services.limits.mail_to(ctx.instance, message.to_address, kind, ctx.now)
    await queue_message(ctx.db, instance_id=ctx.instance.id, now=ctx.now, message=message)
    ctx.db.after_commit(ctx.services.ports.outbox.wake)
