"""Wire resources that identifications of every kind share."""

from __future__ import annotations

import msgspec

from greffier.server.identifications.tables import IdentificationRow
from greffier.server.verifications.tables import VerificationRow


class IdentificationLink(msgspec.Struct):
    type: str
    id: str


def links_of(row: IdentificationRow) -> list[IdentificationLink]:
    return [IdentificationLink(**link) for link in row.linked_to or []]


class CodeVerification(msgspec.Struct, kw_only=True):
    """A verification that is tracked on its own. Contract: `_VerificationResponse`."""

    object: str = "verification_otp"
    id: str
    status: str
    strategy: str
    attempts: int | None
    expire_at: int | None


def code_verification(row: VerificationRow) -> CodeVerification:
    return CodeVerification(
        id=row.id,
        status=row.status,
        strategy=row.strategy,
        attempts=row.attempts,
        expire_at=row.expire_at,
    )
