"""The one way by which mail leaves a request: counted per mailbox, and queued in its transaction."""

from __future__ import annotations

from greffier.server.delivery.messages import Message
from greffier.server.delivery.outbox import queue_message
from greffier.server.web.context import Context
from greffier.server.web.limits import MailKind


async def send_mail(ctx: Context, message: Message, kind: MailKind) -> None:
    """Queue a mail in the caller's transaction.

    Args:
        kind: a notice counts, and is never kept back.

    Raises:
        ApiError: 429 when the mailbox has been sent too many.
    """
    await ctx.services.limits.mail_to(ctx.instance, message.to_address, kind, ctx.now)
    await queue_message(ctx.db, instance_id=ctx.instance.id, now=ctx.now, message=message)
    ctx.db.after_commit(ctx.services.outbox.wake)
