"""A six-digit code by text message, whatever it is for."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.delivery import messages
from greffier.server.identifications.notices import Notice
from greffier.server.identifications.phone_numbers.reading import NAME
from greffier.server.identifications.phone_numbers.texting import is_testing, require_country, send_text
from greffier.server.strategies.proofs import ChannelRequest
from greffier.server.strategies.sent.codes import SentCode
from greffier.server.strategies.strategy import Subject
from greffier.server.verifications.records import VERIFICATION_LIFETIME
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context

_NOTICES: dict[Notice, messages.Notice] = {
    "account_exists": messages.account_exists_text,
    "no_account": messages.no_account_text,
}


class TextedCode(SentCode):
    """Requires that the message be read by the person."""

    kind = NAME
    details = {"channel": "sms"}

    def message(self, subject: Subject) -> messages.CodeMessage:
        """Returns the writer of the text message."""
        raise NotImplementedError

    def is_testing(self, ctx: Context, value: str) -> bool:
        return is_testing(ctx, value)

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        """As every sent code.

        Raises:
            ApiError: 422 for another channel; 403 when the country of the number is not allowed; 429 when
                too many were sent to the number, or to its country.
        """
        channel = subject.rest.read(ChannelRequest).channel
        if channel not in (None, "", "sms"):
            raise errors.invalid_params(errors.param_value_invalid("channel", channel))
        require_country(ctx, self.require_identifier(subject).value)
        return await super().prepare(ctx, subject)

    async def send(self, ctx: Context, subject: Subject, value: str, code: str) -> None:
        name = ctx.instance.settings.application_name
        text = (
            _NOTICES[subject.notice](to_address=value, application_name=name)
            if subject.notice
            else self.message(subject)(
                to_address=value, application_name=name, code=code, lifetime_ms=VERIFICATION_LIFETIME
            )
        )
        await send_text(ctx, text)
