"""A six-digit code by text message that lets a user who forgot the password choose a new one."""

from __future__ import annotations

from greffier.server.delivery.messages import CodeMessage, reset_password_code_text
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.strategies.sent.texted_codes import TextedCode
from greffier.server.strategies.strategy import Factor, Subject
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context


class ResetPasswordPhoneCode(TextedCode):
    """Offered to users who have a password, where numbers sign in: one that is kept as a second factor, or
    for the profile alone, must not become a way in. A user's second factor is required all the same (ASVS
    6.4.3)."""

    name = "reset_password_phone_code"
    resets_password = True

    def factors(
        self, ctx: Context, user: UserRow, owned: list[IdentificationRow], identifier: str | None
    ) -> list[Factor]:
        return self.factors_of_kind(owned, identifier) if self.offers_reset(ctx, user) else []

    def message(self, subject: Subject) -> CodeMessage:
        return reset_password_code_text


STRATEGY = ResetPasswordPhoneCode()
