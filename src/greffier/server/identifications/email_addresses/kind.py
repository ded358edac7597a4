"""Email addresses as a kind of identification."""

from __future__ import annotations

from greffier.server.delivery.addresses import canonical
from greffier.server.delivery.messages import Notice, primary_email_changed_message
from greffier.server.identifications.email_addresses.reading import (
    NAME,
    identifier_of,
    read_email_address,
)
from greffier.server.identifications.email_addresses.resources import EmailAddress, email_address_resource
from greffier.server.identifications.email_addresses.restrictions import require_allowed
from greffier.server.identifications.kinds import IdentificationKind
from greffier.server.identifications.queries import Identification
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.verifications.identifiers import Identifier
from greffier.server.web.context import Context
from greffier.server.web.mailing import require_reachable, send_mail


class EmailAddressKind(IdentificationKind):
    """Recognised by its `@`."""

    name = NAME
    plural = "email_addresses"
    notifies = True

    def recognises(self, text: str) -> bool:
        return "@" in text

    def read(self, ctx: Context, text: str, param: str) -> Identifier:
        return identifier_of(read_email_address(text, param))

    def identifier(self, value: str) -> Identifier:
        return identifier_of(value)

    def canonical(self, text: str) -> str:
        return canonical(text)

    async def require_allowed(self, ctx: Context, identifier: Identifier) -> None:
        await require_allowed(ctx, identifier)

    def masked(self, value: str) -> str:
        """As in `a***e@example.com`."""
        local, at, domain = value.rpartition("@")
        shown = f"{local[0]}***{local[-1]}" if len(local) > 2 else f"{local[:1]}***"
        return f"{shown}{at}{domain}"

    def require_reachable(self, ctx: Context, value: str) -> None:
        require_reachable(ctx, value, self.name)

    def resource(self, found: Identification, *, now: int) -> EmailAddress:
        return email_address_resource(found, now=now)

    async def notify(self, ctx: Context, row: IdentificationRow, notice: Notice) -> None:
        """By mail, in the same transaction."""
        name = ctx.instance.settings.application_name
        await send_mail(ctx, notice(to_address=row.value, application_name=name), "notice")

    async def notify_former_primary(self, ctx: Context, former: IdentificationRow) -> None:
        await self.notify(ctx, former, primary_email_changed_message)


KIND = EmailAddressKind()
