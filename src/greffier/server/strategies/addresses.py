"""What strategies that send mail have in common: which addresses they offer, and how these are shown."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.delivery.addresses import canonical
from greffier.server.identifications.tables import EmailAddressRow
from greffier.server.strategies.strategy import Factor, Subject


def masked(address: str) -> str:
    """An address that somebody who does not know it cannot read: `a***e@example.com`."""
    local, at, domain = address.rpartition("@")
    shown = f"{local[0]}***{local[-1]}" if len(local) > 2 else f"{local[:1]}***"
    return f"{shown}{at}{domain}"


def address_factors(strategy: str, emails: list[EmailAddressRow], identifier: str | None) -> list[Factor]:
    """A factor for each address that is the user's; whole where the person has typed it."""
    return [
        Factor(
            strategy=strategy,
            email_address_id=email.id,
            safe_identifier=email.email_address
            if identifier is not None and canonical(identifier) == email.canonical
            else masked(email.email_address),
            primary=True if email.is_primary else msgspec.UNSET,
        )
        for email in emails
        if email.claimed
    ]


def require_address(subject: Subject) -> str:
    """Raises: ApiError: 422 when it was not said which address is meant."""
    address = subject.address or (subject.email.email_address if subject.email else None)
    if address is None:
        raise errors.invalid_params(errors.param_missing("email_address_id"))
    return address
