"""The one way by which text messages leave a request: to allowed countries only, counted per number and per
country, and queued in its transaction."""

from __future__ import annotations

from datetime import UTC, datetime

from greffier.server import errors
from greffier.server.delivery.messages import Message
from greffier.server.delivery.outbox import queue_message
from greffier.server.delivery.queries import TEXTED_SINCE
from greffier.server.identifications.phone_numbers.reading import country_of, is_test_number
from greffier.server.web.context import Context

DEVELOPMENT_TEXTS = 20
"""Text messages that a development instance sends in a month, besides those to the United States."""
_NOT_COUNTED = "US"
_MOST_LOOKED_AT = 10_000


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


async def send_text(ctx: Context, message: Message) -> str | None:
    """Queue a text message in the caller's transaction; returns its id. Test numbers get none.

    Raises:
        ApiError: 403 when its country is not allowed; 429 when the number, the country or the address that
            asks has had too many; 400 when a development instance has sent too many this month.
    """
    if is_testing(ctx, message.to_address):
        return None
    country = _allowed_country(ctx, message.to_address)
    await _require_development_quota(ctx, message, country)
    await ctx.services.limits.text_to(
        ctx.instance,
        message.to_address,
        country,
        ctx.now,
        ip_address=None if ctx.by_server else ctx.request.ip_address,
    )
    message_id = await queue_message(
        ctx.db,
        instance_id=ctx.instance.id,
        now=ctx.now,
        message=message,
        for_inbox=ctx.services.settings.show_inbox,
    )
    ctx.db.after_commit(ctx.services.ports.outbox.wake)
    return message_id


async def _require_development_quota(ctx: Context, message: Message, country: str) -> None:
    """Counts what a development instance really sends abroad. What the inbox alone shows costs nothing.

    Raises:
        ApiError: 400 `dev_monthly_sms_limit_exceeded`.
    """
    if not ctx.instance.is_development or country == _NOT_COUNTED:
        return
    if not ctx.services.ports.outbox.sends(message.channel):
        return
    keys = {"instance_id": ctx.instance.id, "since": _start_of_month(ctx.now), "most": _MOST_LOOKED_AT}
    sent = await ctx.db.all(TEXTED_SINCE, **keys)
    if sum(country_of(number) != _NOT_COUNTED for number in sent) >= DEVELOPMENT_TEXTS:
        raise errors.development_texts_used_up(DEVELOPMENT_TEXTS)


def _start_of_month(now: int) -> int:
    """Milliseconds since the epoch, in UTC."""
    start = datetime.fromtimestamp(now / 1000, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return int(start.timestamp() * 1000)
