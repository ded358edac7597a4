"""Trusted devices on the wire."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.server.users.trusted_devices.challenges import challenge_of
from greffier.server.users.trusted_devices.tables import TrustedDeviceRow
from greffier.server.verifications.tables import VerificationRow


class TrustedDevice(msgspec.Struct, kw_only=True):
    """Contract: `Client.TrustedDevice`, and `TrustedDevice` of the Backend API."""

    object: Literal["trusted_device"] = "trusted_device"
    id: str
    platform: str
    app_identifier: str
    name: str | None
    algorithm: Literal["ES256"] = "ES256"
    status: Literal["active", "revoked"]
    created_at: int
    updated_at: int
    last_used_at: int | None
    revoked_at: int | None


class TrustedDeviceChallenge(msgspec.Struct, kw_only=True):
    """Contract: `Client.TrustedDeviceChallenge`. `expires_at` is in seconds since the epoch."""

    object: Literal["trusted_device_challenge"] = "trusted_device_challenge"
    challenge: str
    challenge_id: str
    client_data: str
    expires_at: int
    algorithm: Literal["ES256"] = "ES256"


class TrustedDeviceValidation(msgspec.Struct, kw_only=True):
    """Contract: `Client.TrustedDeviceValidation`."""

    object: Literal["trusted_device_validation"] = "trusted_device_validation"
    valid: bool


def trusted_device(row: TrustedDeviceRow, *, revoked_at: int | None = None) -> TrustedDevice:
    return TrustedDevice(
        id=row.id,
        platform=row.platform,
        app_identifier=row.app_identifier,
        name=row.name,
        status="active" if revoked_at is None else "revoked",
        created_at=row.created_at,
        updated_at=revoked_at or row.updated_at,
        last_used_at=row.last_used_at,
        revoked_at=revoked_at,
    )


def enrollment_challenge(row: VerificationRow) -> TrustedDeviceChallenge:
    shown: dict[str, Any] = challenge_of(row)
    return msgspec.convert(shown, TrustedDeviceChallenge)
