"""Challenges of both ceremonies: random, for five minutes, and for one attempt, right or wrong."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.users.passkeys.webauthn_ceremonies.checks import Expected
from greffier.server.users.passkeys.webauthn_ceremonies.relying_party import may_use_passkeys
from greffier.server.verifications.challenges import conclude_challenge
from greffier.server.verifications.queries import LOCK
from greffier.server.verifications.records import begin_verification
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context

STRATEGY = "passkey"
CHALLENGE_LIFETIME = 5 * 60 * 1000
"""Milliseconds."""


async def begin_challenge(ctx: Context, options: dict[str, Any], rp_id: str) -> VerificationRow:
    """A verification whose `nonce` has the options for the browser as JSON text."""
    details = {
        "nonce": msgspec.json.encode(options).decode(),
        "challenge": options["challenge"],
        "rp_id": rp_id,
    }
    return await begin_verification(ctx, STRATEGY, lifetime=CHALLENGE_LIFETIME, details=details)


async def take_challenge(ctx: Context, verification_id: str | None) -> VerificationRow:
    """The verification, held until the request ends: of several attempts the first one gets it.

    Raises:
        ApiError: 400 when there is none, it has had its attempt, or it is too old.
    """
    keys = {"instance_id": ctx.instance.id, "id": verification_id}
    row = await ctx.db.one(LOCK, **keys) if verification_id else None
    if row is None or row.strategy != STRATEGY or row.status != "unverified":
        raise errors.passkey_invalid_verification()
    if row.expire_at is not None and row.expire_at <= ctx.now:
        await conclude_challenge(ctx, row, "expired")
        raise errors.verification_expired()
    return row


def expected_of(ctx: Context, row: VerificationRow) -> Expected:
    """The expected values of an answer to this challenge."""
    details = row.details or {}
    rp_id: str = details["rp_id"]
    return Expected(details["challenge"], rp_id, partial(_may_use, ctx, rp_id))


def _may_use(ctx: Context, rp_id: str, origin: str) -> bool:
    return may_use_passkeys(ctx.instance, origin, rp_id)
