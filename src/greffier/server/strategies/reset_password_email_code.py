"""A six-digit code by mail that lets somebody who forgot their password choose a new one."""

from __future__ import annotations

from greffier.server.delivery.messages import reset_password_code_message
from greffier.server.identifications.tables import EmailAddressRow
from greffier.server.strategies.addresses import address_factors, require_address
from greffier.server.strategies.strategy import Evidence, Factor, Strategy, Subject
from greffier.server.users.tables import UserRow
from greffier.server.verifications.codes import attempt_code, send_code
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context


class ResetPasswordEmailCode(Strategy):
    """Offered to users who have a password. A user's second factor is asked for all the same (ASVS 6.4.3)."""

    name = "reset_password_email_code"
    resets_password = True

    def factors(
        self, ctx: Context, user: UserRow, emails: list[EmailAddressRow], identifier: str | None
    ) -> list[Factor]:
        if not (ctx.instance.settings.attribute("password").enabled and user.password_digest):
            return []
        return address_factors(self.name, emails, identifier)

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        return await send_code(
            ctx,
            self.name,
            require_address(subject),
            message=reset_password_code_message,
            notice=subject.notice,
        )

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Evidence
    ) -> VerificationRow:
        return await attempt_code(ctx, verification_id, self.name, evidence.code or "")


STRATEGY = ResetPasswordEmailCode()
