"""Wire resource of phone numbers."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.identifications.queries import Identification
from greffier.server.identifications.resources import IdentificationLink
from greffier.server.verifications.resources import Verification, verification_shown


class PhoneNumber(msgspec.Struct, kw_only=True):
    """Both faces say the same of a number. Contract: `PhoneNumber`, `Client.PhoneNumber`."""

    id: str
    object: Literal["phone_number"] = "phone_number"
    phone_number: str
    reserved_for_second_factor: bool = False
    default_second_factor: bool = False
    reserved: bool
    verification: Verification | None
    linked_to: list[IdentificationLink] = []
    backup_codes: list[str] | None = None
    created_at: int
    updated_at: int


def phone_number_resource(found: Identification, *, now: int) -> PhoneNumber:
    return PhoneNumber(
        id=found.row.id,
        phone_number=found.row.value,
        reserved=found.row.reserved,
        verification=verification_shown(found.verification, now=now),
        created_at=found.row.created_at,
        updated_at=found.row.updated_at,
    )
