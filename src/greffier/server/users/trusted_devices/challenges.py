"""Challenges for devices: random, for five minutes, and for one attempt, right or wrong. The text that a
device signs says all that it is for, so that it is good for nothing else."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import new_secret, same
from greffier.server.store.ids import new_id
from greffier.server.users.trusted_devices.public_keys import DeviceKey
from greffier.server.verifications.challenges import conclude_challenge
from greffier.server.verifications.queries import LOCK
from greffier.server.verifications.records import begin_verification
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context

STRATEGY = "trusted_device"
CHALLENGE_LIFETIME = 5 * 60 * 1000
"""Milliseconds."""
SHOWN = "trusted_device_challenge"
ENROLLMENT = "enrollment"


async def begin_challenge(ctx: Context, purpose: str, **bound_to: str | None) -> VerificationRow:
    """A verification whose details have the challenge.

    Args:
        purpose: `enrollment` or `sign_in`.
        bound_to: what the device signs besides.
    """
    challenge_id = new_id("ver", now_ms=ctx.now)
    challenge, expires_at = new_secret(), (ctx.now + CHALLENGE_LIFETIME) // 1000
    signed = {
        "challenge": challenge,
        "challenge_id": challenge_id,
        "expires_at": expires_at,
        "issuer": ctx.instance.issuer,
        "purpose": f"trusted_device.{purpose}",
        **bound_to,
    }
    shown = {
        "object": "trusted_device_challenge",
        "challenge": challenge,
        "challenge_id": challenge_id,
        "client_data": msgspec.json.encode(signed, order="sorted").decode(),
        "expires_at": expires_at,
        "algorithm": "ES256",
    }
    if device_id := bound_to.get("trusted_device_id"):
        shown["trusted_device_id"] = device_id
    return await begin_verification(
        ctx,
        STRATEGY,
        verification_id=challenge_id,
        lifetime=CHALLENGE_LIFETIME,
        details={SHOWN: shown, "purpose": purpose} | bound_to,
    )


async def conclude(ctx: Context, row: VerificationRow, status: str) -> VerificationRow:
    """It is over. `row` must be locked. Clients show those of sign-ins alone."""
    shown = (row.details or {})["purpose"] != ENROLLMENT
    return await conclude_challenge(ctx, row, status, shown=shown)


async def take_challenge(
    ctx: Context, challenge_id: str | None, purpose: str, **bound_to: str
) -> VerificationRow:
    """The verification, held until the request ends: of several attempts the first one gets it.

    Args:
        bound_to: its owner, whose challenges are of no use to others.

    Raises:
        ApiError: 400 when there is none of this owner, it has had its attempt, or it is too old.
    """
    keys = {"instance_id": ctx.instance.id, "id": challenge_id}
    row = await ctx.db.one(LOCK, **keys) if challenge_id else None
    details = (row.details or {}) if row else {}
    expected = {"purpose": purpose} | bound_to
    if row is None or row.strategy != STRATEGY or any(details.get(n) != v for n, v in expected.items()):
        raise errors.trusted_device_challenge_not_found()
    if row.status != "unverified":
        raise errors.trusted_device_challenge_not_found()
    if row.expire_at is not None and row.expire_at <= ctx.now:
        await conclude(ctx, row, "expired")
        raise errors.trusted_device_challenge_expired()
    return row


async def require_signed(
    ctx: Context, row: VerificationRow, key: DeviceKey, client_data: str, signature: str
) -> None:
    """Require that the device has signed this challenge. A failure uses it up. `row` must be locked.

    Raises:
        ApiError: 422 when another text was signed, 400 when the signature is wrong.
    """
    issued: str = (row.details or {})[SHOWN]["client_data"]
    if not same(issued, client_data):
        await conclude(ctx, row, "failed")
        raise errors.trusted_device_invalid_client_data()
    if not key.verifies(signature, issued):
        await conclude(ctx, row, "failed")
        raise errors.trusted_device_signature_wrong()


def challenge_of(row: VerificationRow) -> dict[str, Any]:
    """The resource."""
    return (row.details or {})[SHOWN]
