"""A six-digit code by mail."""

from __future__ import annotations

from greffier.server.delivery.messages import sign_in_code_message, verification_code_message
from greffier.server.identifications.tables import EmailAddressRow
from greffier.server.strategies.addresses import address_factors, require_address
from greffier.server.strategies.strategy import Evidence, Factor, Strategy, Subject
from greffier.server.users.tables import UserRow
from greffier.server.verifications.codes import attempt_code, send_code
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context


class EmailCode(Strategy):
    """Requires that the address be read by the person."""

    name = "email_code"

    def factors(
        self, ctx: Context, user: UserRow, emails: list[EmailAddressRow], identifier: str | None
    ) -> list[Factor]:
        if self.name not in ctx.instance.settings.attribute("email_address").first_factors:
            return []
        return address_factors(self.name, emails, identifier)

    def trust_factors(self, ctx: Context, user: UserRow, emails: list[EmailAddressRow]) -> list[Factor]:
        return address_factors(self.name, emails, None)

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        message = verification_code_message if subject.user is None else sign_in_code_message
        address = require_address(subject)
        return await send_code(ctx, self.name, address, message=message, notice=subject.notice)

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Evidence
    ) -> VerificationRow:
        return await attempt_code(ctx, verification_id, self.name, evidence.code or "")


STRATEGY = EmailCode()
