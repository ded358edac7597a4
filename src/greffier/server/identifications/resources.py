"""What identifications look like on the wire."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.identifications.queries import EmailWithVerification
from greffier.server.verifications.resources import Verification, verification_resource
from greffier.server.verifications.tables import VerificationRow


class IdentificationLink(msgspec.Struct):
    type: str
    id: str


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


class CodeVerification(msgspec.Struct, kw_only=True):
    """A verification that is tracked on its own. Contract: `_VerificationResponse`."""

    object: str = "verification_otp"
    id: str
    status: str
    strategy: str
    attempts: int | None
    expire_at: int | None


def email_address_resource(row: EmailWithVerification, *, now: int) -> EmailAddress:
    return EmailAddress(
        id=row.email.id,
        email_address=row.email.email_address,
        reserved=row.email.reserved,
        verification=_shown(row.verification, now),
        created_at=row.email.created_at,
        updated_at=row.email.updated_at,
    )


def _shown(row: VerificationRow | None, now: int) -> Verification | None:
    if row is None:
        return None
    return verification_resource(row, now=now, with_client=row.strategy == "email_link")


def code_verification(row: VerificationRow) -> CodeVerification:
    return CodeVerification(
        id=row.id,
        status=row.status,
        strategy=row.strategy,
        attempts=row.attempts,
        expire_at=row.expire_at,
    )
