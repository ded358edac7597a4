"""Wire resource of phone numbers."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.identifications.queries import Identification
from greffier.server.identifications.resources import IdentificationLink, links_of
from greffier.server.verifications.resources import Verification, verification_shown


class PhoneNumber(msgspec.Struct, kw_only=True):
    """Both faces say the same of a number. Contract: `PhoneNumber`, `Client.PhoneNumber`."""

    id: str
    object: Literal["phone_number"] = "phone_number"
    phone_number: str
    reserved_for_second_factor: bool
    default_second_factor: bool
    reserved: bool
    verification: Verification | None
    linked_to: list[IdentificationLink] = []
    backup_codes: list[str] | None = None
    created_at: int
    updated_at: int


def phone_number_resource(
    found: Identification, *, now: int, backup_codes: list[str] | None = None
) -> PhoneNumber:
    """Args: backup_codes: those that came with this number, which are shown this once."""
    return PhoneNumber(
        id=found.row.id,
        phone_number=found.row.value,
        reserved_for_second_factor=found.row.second_factor is not None,
        default_second_factor=found.row.second_factor == "default",
        reserved=found.row.reserved,
        verification=verification_shown(found.verification, now=now),
        backup_codes=backup_codes,
        linked_to=links_of(found.row),
        created_at=found.row.created_at,
        updated_at=found.row.updated_at,
    )
