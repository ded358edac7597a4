"""Passkeys as evidence of a user: for sign-ins and reverifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import new_secret
from greffier.server.errors import ApiError
from greffier.server.users.passkeys.notices import notify_of_refused_passkey
from greffier.server.users.passkeys.own_passkeys import registered_of
from greffier.server.users.passkeys.queries import LOCK_BY_CREDENTIAL, OWNER, UPDATE
from greffier.server.users.passkeys.tables import PasskeyRow
from greffier.server.users.passkeys.webauthn_ceremonies.challenges import (
    CHALLENGE_LIFETIME,
    begin_challenge,
    expected_of,
    take_challenge,
)
from greffier.server.users.passkeys.webauthn_ceremonies.checks import (
    Used,
    read_assertion,
    request_options,
    verify_assertion,
)
from greffier.server.users.passkeys.webauthn_ceremonies.relying_party import relying_party_id
from greffier.server.verifications.challenges import conclude_challenge
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context

if TYPE_CHECKING:
    from webauthn.helpers.structs import AuthenticationCredential


async def ask_for_passkey(
    ctx: Context, user_id: str | None, passkey_id: str | None = None
) -> VerificationRow:
    """A challenge for a passkey of this user, or without one for any passkey, which says whose it is.

    Args:
        passkey_id: this one alone will do.

    Raises:
        ApiError: 400 when the user has none that works on this domain.
    """
    rp_id = relying_party_id(ctx)
    allowed = await registered_of(ctx, user_id) if user_id is not None else []
    allowed = [row for row in allowed if row.rp_id == rp_id and passkey_id in (None, row.id)]
    if user_id is not None and not allowed:
        raise errors.no_passkeys_found_for_user()
    options = request_options(
        challenge=new_secret(), rp_id=rp_id, timeout_ms=CHALLENGE_LIFETIME, allowed=allowed
    )
    return await begin_challenge(ctx, options, rp_id)


async def verify_passkey(
    ctx: Context, user_id: str | None, verification_id: str | None, credential: str
) -> VerificationRow:
    """Check the answer to a challenge, which is used up by it.

    Args:
        user_id: the user of the passkey, where it is known.

    Raises:
        ApiError: 422 when the answer is none; 400 when the challenge is over, the answer is wrong or of
            another user's passkey; 404 when no passkey here is meant, and the user is not known.
    """
    answer = read_assertion(credential)
    verification = await take_challenge(ctx, verification_id)
    try:
        row = await _verified(ctx, user_id, verification, answer)
    except ApiError:
        await conclude_challenge(ctx, verification, "failed")
        raise
    return await conclude_challenge(ctx, verification, "verified", passkey_id=row.id)


async def owner_of_used(ctx: Context, verification: VerificationRow) -> str | None:
    """Returns the id of the user whose passkey was verified."""
    passkey_id = (verification.details or {}).get("passkey_id")
    return await ctx.db.one(OWNER, instance_id=ctx.instance.id, id=passkey_id) if passkey_id else None


async def _verified(
    ctx: Context, user_id: str | None, verification: VerificationRow, answer: AuthenticationCredential
) -> PasskeyRow:
    keys = {"instance_id": ctx.instance.id, "credential_id": answer.id}
    row = await ctx.db.one(LOCK_BY_CREDENTIAL, **keys)
    if row is None or row.public_key is None or user_id not in (None, row.user_id):
        known = user_id is not None
        raise errors.passkey_authentication_failure() if known else errors.passkey_not_registered()
    user_handle = answer.response.user_handle
    if user_handle is not None and user_handle != row.user_id.encode():
        raise errors.passkey_authentication_failure()
    used = verify_assertion(answer, row.public_key, expected_of(ctx, verification))
    if used.backup_eligible != row.backup_eligible:  # it never changes (section 6.1.3)
        raise errors.passkey_authentication_failure()
    return await _record_use(ctx, row, used)


async def _record_use(ctx: Context, row: PasskeyRow, used: Used) -> PasskeyRow:
    """Keep the counter. One that does not rise belongs to a copy (section 6.1.1), unless there is none: both
    are 0, as with passkeys that are synchronised.

    Raises:
        ApiError: 400 when there may be a copy; the user is notified.
    """
    if used.sign_count <= row.sign_count and (used.sign_count or row.sign_count):
        await notify_of_refused_passkey(ctx, row)
        raise errors.passkey_authentication_failure()
    changed = msgspec.structs.replace(
        row,
        sign_count=used.sign_count,
        backed_up=used.backed_up,
        last_used_at=ctx.now,
        updated_at=ctx.now,
    )
    await ctx.db.save(UPDATE, changed)
    return changed
