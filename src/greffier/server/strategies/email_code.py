"""A six-digit code by mail."""

from __future__ import annotations

from greffier.server.delivery.messages import (
    CodeMessage,
    sign_in_code_message,
    verification_code_message,
)
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.strategies.sent.mailed_codes import MailedCode
from greffier.server.strategies.strategy import Factor, Subject
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context


class EmailCode(MailedCode):
    """Signs in, and verifies an address."""

    name = "email_code"
    reverifies = True
    second_factor_order = 30
    follows_its_kind = False

    def factors(
        self, ctx: Context, user: UserRow, owned: list[IdentificationRow], identifier: str | None
    ) -> list[Factor]:
        return self.factors_of_kind(owned, identifier) if self.offers_first_factor(ctx) else []

    def second_factors(self, ctx: Context, user: UserRow, owned: list[IdentificationRow]) -> list[Factor]:
        return self.second_factors_of_kind(ctx, owned, reserved=False)

    def trust_factors(self, ctx: Context, user: UserRow, owned: list[IdentificationRow]) -> list[Factor]:
        return self.factors_of_kind(owned, None)

    def message(self, subject: Subject) -> CodeMessage:
        return verification_code_message if subject.user is None else sign_in_code_message


STRATEGY = EmailCode()
