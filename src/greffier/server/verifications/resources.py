"""Wire resource of a verification (contract: `Stubs.Verification.*`, `verification_*`)."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server.verifications.tables import VerificationRow

SHOWN_DETAILS = (
    "nonce",
    "message",
    "external_verification_redirect_url",
    "channel",
    "trusted_device_challenge",
    "error",
)
"""Names in a verification's details that browsers are shown. All others stay on the server."""

# Strategies that share a kind, by how their names begin. Every other kind is named after its one strategy.
_SHARED_KINDS = {
    ("email_code", "phone_code", "reset_password_"): "verification_otp",
    ("oauth_",): "verification_oauth",
    ("from_oauth_",): "verification_from_oauth",
    ("web3_",): "verification_web3",
}


class Verification(msgspec.Struct):
    """`expire_at` is in milliseconds. What follows it is there where the strategy has it."""

    object: str
    status: str
    strategy: str
    attempts: int | None
    expire_at: int | None
    verified_at_client: str | msgspec.UnsetType = msgspec.UNSET
    nonce: str | msgspec.UnsetType = msgspec.UNSET
    message: str | msgspec.UnsetType = msgspec.UNSET
    external_verification_redirect_url: str | msgspec.UnsetType = msgspec.UNSET
    channel: str | msgspec.UnsetType = msgspec.UNSET
    trusted_device_challenge: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    error: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


def kind_of(strategy: str) -> str:
    """Returns the `object` of a strategy's verifications, for strategies of other packages too."""
    shared = (kind for starts, kind in _SHARED_KINDS.items() if strategy.startswith(starts))
    return next(shared, f"verification_{strategy}")


def verification_resource(row: VerificationRow, *, now: int, with_client: bool = False) -> Verification:
    """Shows a verification that was not completed in time as expired.

    Args:
        now: milliseconds since the epoch.
        with_client: say which client verified, for tabs that wait for another one. Links always say it.
    """
    with_client = with_client or row.strategy == "email_link"
    status = row.status
    if status == "unverified" and row.expire_at is not None and row.expire_at <= now:
        status = "expired"
    return Verification(
        object=kind_of(row.strategy),
        status=status,
        strategy=row.strategy,
        attempts=row.attempts,
        expire_at=row.expire_at,
        verified_at_client=row.verified_at_client
        if with_client and row.verified_at_client
        else msgspec.UNSET,
        **{name: row.details[name] for name in SHOWN_DETAILS if row.details and name in row.details},
    )


def verification_shown(row: VerificationRow | None, *, now: int) -> Verification | None:
    """Args: now: milliseconds since the epoch."""
    return None if row is None else verification_resource(row, now=now)
