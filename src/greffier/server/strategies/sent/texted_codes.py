"""A six-digit code by text message, whatever it is for."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.delivery import messages
from greffier.server.delivery.queries import GET as GET_MESSAGE
from greffier.server.delivery.tables import MessageRow
from greffier.server.identifications.notices import Notice
from greffier.server.identifications.phone_numbers.reading import NAME
from greffier.server.identifications.phone_numbers.texting import is_testing, require_country, send_text
from greffier.server.strategies.proofs import ChannelRequest
from greffier.server.strategies.sent.codes import SentCode
from greffier.server.strategies.strategy import Subject
from greffier.server.verifications.queries import GET as GET_VERIFICATION
from greffier.server.verifications.records import VERIFICATION_LIFETIME
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters

RESEND_AFTER = 30_000
"""Milliseconds between two codes for the same thing, to the same number on the same channel."""

_NOTICES: dict[Notice, messages.Notice] = {
    "account_exists": messages.account_exists_text,
    "no_account": messages.no_account_text,
}


class TextedCode(SentCode):
    """Requires that the message be read by the person."""

    kind = NAME

    def message(self, subject: Subject) -> messages.CodeMessage:
        """Returns the writer of the text message."""
        raise NotImplementedError

    def is_testing(self, ctx: Context, value: str) -> bool:
        return is_testing(ctx, value)

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        """As every sent code.

        Raises:
            ApiError: 422 for a channel that the instance does not have; 403 when the country of the number is
                not allowed; 429 when one was sent just now, or too many to the number or to its country.
        """
        channel = _channel(ctx, subject)
        require_country(ctx, self.require_identifier(subject).value)
        await self._require_pause(ctx, subject, channel)
        return await super().prepare(ctx, subject)

    async def _require_pause(self, ctx: Context, subject: Subject, channel: messages.TextChannel) -> None:
        """Raises: ApiError: 429 when the code that this one replaces was sent less than 30 seconds ago."""
        former = await _verification(ctx, subject.former_id)
        message = await _message_of(ctx, former)
        if former is None or message is None or message.status == "failed" or former.status != "unverified":
            return
        same = former.strategy == self.name and former.proves(self.require_identifier(subject))
        left = former.created_at + RESEND_AFTER - ctx.now
        if same and left > 0 and (former.details or {}).get("channel") == channel:
            raise errors.code_sent_just_now(math.ceil(left / 1000))

    async def send(self, ctx: Context, subject: Subject, value: str, code: str) -> dict[str, Any]:
        name = ctx.instance.settings.application_name
        channel = _channel(ctx, subject)
        if subject.notice:  # by SMS always: WhatsApp takes approved texts only
            text = _NOTICES[subject.notice](to_address=value, application_name=name)
        else:
            write = self.message(subject)
            text = write(
                to_address=value, application_name=name, code=code, lifetime_ms=VERIFICATION_LIFETIME
            )
            text = msgspec.structs.replace(text, channel=channel)
        message_id = await send_text(ctx, text)
        return {"channel": channel} | ({"message_id": message_id} if message_id else {})

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Parameters
    ) -> VerificationRow:
        """As every sent code.

        Raises:
            ApiError: 422 while the message with the code is not sent, which counts as no attempt; 400 when it
                could not be sent.
        """
        message = await _message_of(ctx, await _verification(ctx, verification_id))
        if message is not None and message.status == "failed":
            raise errors.message_not_sent()
        # The inbox shows messages before they are sent.
        if message is not None and _waits(message) and not ctx.services.settings.show_inbox:
            raise errors.code_not_yet_sent()
        return await super().attempt(ctx, subject, verification_id, evidence)


def _channel(ctx: Context, subject: Subject) -> messages.TextChannel:
    """The channel that the request names; absent or empty it is SMS, whatever was used before.

    Raises:
        ApiError: 422 when the instance does not have it.
    """
    named = subject.rest.read(ChannelRequest).channel or "sms"
    for channel in ctx.instance.settings.phone_numbers.channels:
        if channel == named:
            return channel
    raise errors.invalid_params(errors.param_value_invalid("channel", named))


async def _verification(ctx: Context, verification_id: str | None) -> VerificationRow | None:
    if verification_id is None:
        return None
    return await ctx.db.one(GET_VERIFICATION, instance_id=ctx.instance.id, id=verification_id)


def _waits(message: MessageRow) -> bool:
    """Returns whether it cannot have arrived. One that is being sent for the first time may have."""
    tried = message.attempts > 0 and message.last_error is None
    return message.status == "queued" and not tried


async def _message_of(ctx: Context, verification: VerificationRow | None) -> MessageRow | None:
    """The message with the code; none was sent to test numbers."""
    message_id = (verification.details or {}).get("message_id") if verification else None
    if message_id is None:
        return None
    return await ctx.db.one(GET_MESSAGE, instance_id=ctx.instance.id, id=message_id)
