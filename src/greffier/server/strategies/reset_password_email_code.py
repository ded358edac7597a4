"""A six-digit code by mail that lets a user who forgot the password choose a new one."""

from __future__ import annotations

from greffier.server.delivery.messages import CodeMessage, reset_password_code_message
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.strategies.sent.mailed_codes import MailedCode
from greffier.server.strategies.strategy import Factor, Subject
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context


class ResetPasswordEmailCode(MailedCode):
    """Offered to users who have a password. A user's second factor is required all the same (ASVS 6.4.3)."""

    name = "reset_password_email_code"
    resets_password = True

    def factors(
        self, ctx: Context, user: UserRow, owned: list[IdentificationRow], identifier: str | None
    ) -> list[Factor]:
        return self.factors_of_kind(owned, identifier) if self.offers_reset(ctx, user) else []

    def message(self, subject: Subject) -> CodeMessage:
        return reset_password_code_message


STRATEGY = ResetPasswordEmailCode()
