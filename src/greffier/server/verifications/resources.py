"""What a verification looks like on the wire (contract: `Stubs.Verification.*`, `verification_*`)."""

from __future__ import annotations

import msgspec

from greffier.server.verifications.tables import VerificationRow

_KINDS = {
    "email_code": "verification_otp",
    "reset_password_email_code": "verification_otp",
    "email_link": "verification_email_link",
    "password": "verification_password",
    "ticket": "verification_ticket",
    "admin": "verification_admin",
}


class Verification(msgspec.Struct):
    """`expire_at` is in milliseconds."""

    object: str
    status: str
    strategy: str
    attempts: int | None
    expire_at: int | None
    verified_at_client: str | msgspec.UnsetType = msgspec.UNSET


def verification_resource(row: VerificationRow, *, now: int, with_client: bool = False) -> Verification:
    """A verification that nobody completed in time shows as expired.

    Args:
        now: milliseconds since the epoch.
        with_client: say which client verified, for tabs that wait for another one.
    """
    status = row.status
    if status == "unverified" and row.expire_at is not None and row.expire_at <= now:
        status = "expired"
    return Verification(
        object=_KINDS[row.strategy],
        status=status,
        strategy=row.strategy,
        attempts=row.attempts,
        expire_at=row.expire_at,
        verified_at_client=row.verified_at_client
        if with_client and row.verified_at_client
        else msgspec.UNSET,
    )
