"""Setting a new password in the middle of a sign-in, after a code that was sent for that, or after any first
factor where the former one is compromised."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.sign_ins import flow
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.users.lookup import lock_user
from greffier.server.users.passwords.own_password import refuse_compromised_password
from greffier.server.users.passwords.policy import hash_new_password, password_columns
from greffier.server.users.update import save_user
from greffier.server.verifications.records import find_verification
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context

PROOF_LIFETIME = 10 * 60 * 1000
"""Milliseconds between the right code and the new password."""


async def reset_password(ctx: Context, row: SignInRow, password: str, *, sign_out_others: bool) -> SignInRow:
    """Store the new password and go on to what comes next: a second step, or the session.

    Raises:
        ApiError: 400 when no code was verified, or too long ago; 422 when the password is not accepted, or is
            the compromised one.
    """
    await _proof(ctx, row)
    await refuse_compromised_password(ctx, await flow.user_of(ctx, row), password, param="password")
    digest = await hash_new_password(ctx, password)  # before anything is locked: it takes long
    locked, user = await flow.lock_with_user(ctx, row)
    verification = await _proof(ctx, locked)
    await flow.require_first_factor_of(ctx, user.id, verification)
    changed = await save_user(ctx, await lock_user(ctx, user.id), **password_columns(digest, ctx.now))
    if sign_out_others:
        await ctx.services.ports.sessions.revoke_sessions_of_user(ctx, user.id)
    return await flow.after_first_factor(ctx, locked, changed, verification)


async def _proof(ctx: Context, row: SignInRow) -> VerificationRow:
    flow.require_open(ctx, row)
    if row.status != "needs_new_password" or row.first_factor_verification_id is None:
        raise errors.verification_missing()
    verification = await find_verification(ctx, row.first_factor_verification_id)
    if verification is None or verification.status != "verified":
        raise errors.verification_missing()
    if verification.updated_at + PROOF_LIFETIME <= ctx.now:
        raise errors.verification_expired()
    return verification
