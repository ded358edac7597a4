"""A six-digit code by mail."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.delivery.messages import sign_in_code_message, verification_code_message
from greffier.server.identifications.tables import EmailAddressRow
from greffier.server.strategies.strategy import Evidence, Factor, Subject
from greffier.server.users.tables import UserRow
from greffier.server.verifications.codes import attempt_code, send_code
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context


def masked(address: str) -> str:
    """An address that somebody who does not know it cannot read: `a***e@example.com`."""
    local, at, domain = address.rpartition("@")
    shown = f"{local[0]}***{local[-1]}" if len(local) > 2 else f"{local[:1]}***"
    return f"{shown}{at}{domain}"


class EmailCode:
    """Requires that the address be read by the person."""

    name = "email_code"

    def factors(
        self, ctx: Context, user: UserRow, emails: list[EmailAddressRow], identifier: str | None
    ) -> list[Factor]:
        if self.name not in ctx.instance.settings.attribute("email_address").first_factors:
            return []
        return [
            Factor(
                strategy=self.name,
                email_address_id=email.id,
                safe_identifier=email.email_address
                if identifier is not None and identifier.casefold() == email.canonical
                else masked(email.email_address),
                primary=True if email.is_primary else msgspec.UNSET,
            )
            for email in emails
            if email.claimed
        ]

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        address = subject.address or (subject.email.email_address if subject.email else None)
        if address is None:
            raise errors.invalid_params(errors.param_missing("email_address_id"))
        message = verification_code_message if subject.user is None else sign_in_code_message
        return await send_code(ctx, self.name, address, message=message)

    async def attempt(
        self, ctx: Context, subject: Subject, verification_id: str | None, evidence: Evidence
    ) -> VerificationRow:
        if not evidence.code:
            raise errors.invalid_params(errors.param_nil("code"))
        return await attempt_code(ctx, verification_id, self.name, evidence.code)


STRATEGY = EmailCode()
