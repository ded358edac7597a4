"""The one way by which text messages leave a request: to allowed countries only, counted per number and per
country, and queued in its transaction."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.delivery.messages import Message
from greffier.server.delivery.outbox import queue_message
from greffier.server.identifications.phone_numbers.reading import country_of, is_test_number
from greffier.server.web.context import Context


def require_country(ctx: Context, number: str) -> None:
    """Require that text messages may go to a number in E.164. Test numbers get none.

    Raises:
        ApiError: 403 `unsupported_country_code` when the instance sends nothing there: messages to some
            countries cost much, and their carriers share the price with those who cause them.
    """
    if not is_testing(ctx, number):
        _allowed_country(ctx, number)


def _allowed_country(ctx: Context, number: str) -> str:
    country = country_of(number)
    if country is None or country not in ctx.instance.settings.phone_numbers.countries:
        raise errors.unsupported_country_code()
    return country


def is_testing(ctx: Context, number: str) -> bool:
    """Returns whether this is a test number of an instance in test mode."""
    return ctx.instance.test_mode and is_test_number(number)


async def send_text(ctx: Context, message: Message) -> None:
    """Queue a text message in the caller's transaction; test numbers get none.

    Raises:
        ApiError: 403 when its country is not allowed; 429 when the number, the country or the address that
            asks has had too many.
    """
    if is_testing(ctx, message.to_address):
        return
    country = _allowed_country(ctx, message.to_address)
    await ctx.services.limits.text_to(
        ctx.instance,
        message.to_address,
        country,
        ctx.now,
        ip_address=None if ctx.by_server else ctx.request.ip_address,
    )
    await queue_message(
        ctx.db,
        instance_id=ctx.instance.id,
        now=ctx.now,
        message=message,
        for_inbox=ctx.services.settings.show_inbox,
    )
    ctx.db.after_commit(ctx.services.ports.outbox.wake)
