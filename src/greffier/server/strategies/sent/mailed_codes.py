"""A six-digit code by mail, whatever it is for."""

from __future__ import annotations

from typing import Any

from greffier.server.delivery.messages import CodeMessage
from greffier.server.strategies.sent.codes import SentCode
from greffier.server.strategies.sent.mailed_notices import NOTICES
from greffier.server.strategies.strategy import Subject
from greffier.server.verifications.records import VERIFICATION_LIFETIME
from greffier.server.web.context import Context
from greffier.server.web.mailing import is_testing, send_mail


class MailedCode(SentCode):
    """Requires that the address be read by the person."""

    kind = "email_address"

    def message(self, subject: Subject) -> CodeMessage:
        """Returns the writer of the mail."""
        raise NotImplementedError

    def is_testing(self, ctx: Context, value: str) -> bool:
        return is_testing(ctx, value)

    async def send(self, ctx: Context, subject: Subject, value: str, code: str) -> dict[str, Any] | None:
        name = ctx.instance.settings.application_name
        mail = (
            NOTICES[subject.notice](to_address=value, application_name=name)
            if subject.notice
            else self.message(subject)(
                to_address=value, application_name=name, code=code, lifetime_ms=VERIFICATION_LIFETIME
            )
        )
        await send_mail(ctx, mail, "proof")
        return None
