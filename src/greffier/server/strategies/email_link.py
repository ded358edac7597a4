"""A link by mail. To open it is the proof, so there is nothing to attempt; `clients/link_landing.py`
goes on."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.delivery.messages import sign_in_link_message, verification_link_message
from greffier.server.identifications.tables import EmailAddressRow
from greffier.server.strategies.addresses import address_factors, require_address
from greffier.server.strategies.strategy import Factor, Strategy, Subject
from greffier.server.users.tables import UserRow
from greffier.server.verifications.links import send_link
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context


class EmailLink(Strategy):
    """Requires that the address be read by the person, in the browser that asked unless settings say else."""

    name = "email_link"

    def factors(
        self, ctx: Context, user: UserRow, emails: list[EmailAddressRow], identifier: str | None
    ) -> list[Factor]:
        if self.name not in ctx.instance.settings.attribute("email_address").first_factors:
            return []
        return address_factors(self.name, emails, identifier)

    def trust_factors(self, ctx: Context, user: UserRow, emails: list[EmailAddressRow]) -> list[Factor]:
        return self.factors(ctx, user, emails, None)

    async def prepare(self, ctx: Context, subject: Subject) -> VerificationRow:
        if subject.owner_id is None:
            raise errors.strategy_invalid(self.name)
        message = verification_link_message if subject.user is None else sign_in_link_message
        return await send_link(
            ctx,
            subject.owner_id,
            require_address(subject),
            subject.redirect_url,
            message=message,
            notice=subject.notice,
        )


STRATEGY = EmailLink()
