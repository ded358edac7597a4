"""Wire resource of email addresses."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.identifications.queries import Identification
from greffier.server.identifications.resources import IdentificationLink, links_of
from greffier.server.verifications.resources import Verification, verification_shown


class EmailAddress(msgspec.Struct, kw_only=True):
    """Both faces say the same of an address."""

    id: str
    object: Literal["email_address"] = "email_address"
    email_address: str
    reserved: bool
    verification: Verification | None
    linked_to: list[IdentificationLink] = []
    matches_sso_connection: bool = False
    created_at: int
    updated_at: int


def email_address_resource(found: Identification, *, now: int) -> EmailAddress:
    return EmailAddress(
        id=found.row.id,
        email_address=found.row.value,
        reserved=found.row.reserved,
        verification=verification_shown(found.verification, now=now),
        linked_to=links_of(found.row),
        created_at=found.row.created_at,
        updated_at=found.row.updated_at,
    )
