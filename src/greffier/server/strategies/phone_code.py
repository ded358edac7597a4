"""A six-digit code by text message."""

from __future__ import annotations

from greffier.server.delivery.messages import CodeMessage, sign_in_code_text, verification_code_text
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.strategies.sent.texted_codes import TextedCode
from greffier.server.strategies.strategy import Factor, Subject
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context


class PhoneCode(TextedCode):
    """Signs in, and verifies a number."""

    name = "phone_code"
    reverifies = True
    second_factor_order = 20

    def factors(
        self, ctx: Context, user: UserRow, owned: list[IdentificationRow], identifier: str | None
    ) -> list[Factor]:
        return self.factors_of_kind(owned, identifier) if self.offers_first_factor(ctx) else []

    def second_factors(self, ctx: Context, user: UserRow, owned: list[IdentificationRow]) -> list[Factor]:
        return self.second_factors_of_kind(ctx, owned, reserved=True)

    def trust_factors(self, ctx: Context, user: UserRow, owned: list[IdentificationRow]) -> list[Factor]:
        return self.factors(ctx, user, owned, None)

    def message(self, subject: Subject) -> CodeMessage:
        return verification_code_text if subject.user is None else sign_in_code_text


STRATEGY = PhoneCode()
