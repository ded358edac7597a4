"""Resumes the flow that sent a browser away: a sign-in, a sign-up, a reverification, or the verification of
an identification that a user has added."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.identifications.claims import claim
from greffier.server.identifications.queries import GET as GET_IDENTIFICATION
from greffier.server.sessions.lifecycle import live_sessions
from greffier.server.sign_ins import callbacks as sign_ins
from greffier.server.sign_ins.reverification import callbacks as reverifications
from greffier.server.sign_ups import callbacks as sign_ups
from greffier.server.users.external_accounts.accounts import described_in
from greffier.server.users.external_accounts.own_accounts import finish_connecting
from greffier.server.verifications.tables import CallbackRow, VerificationRow
from greffier.server.web.context import Context


class Resumed(msgspec.Struct, frozen=True):
    """`session_id`: of the session that began, if one did. `transferable`: no user has what was verified, so
    that a sign-up may take it."""

    session_id: str | None = None
    transferable: bool = False


async def resume(ctx: Context, callback: CallbackRow, verification: VerificationRow) -> Resumed:
    """Raises: ApiError: the flow is over, or has gone another way meanwhile; the verification says nothing of
    what it verifies, so that it would count for anything.
    """
    if verification.sent_to is None:
        raise errors.verification_missing()
    match callback.owner_id.partition("_")[0]:
        case "sia":
            sign_in = await sign_ins.resume(ctx, callback, verification)
            return Resumed(sign_in.created_session_id, transferable=sign_in.user_id is None)
        case "sua":
            return Resumed((await sign_ups.resume(ctx, callback, verification)).created_session_id)
        case "sess":
            await reverifications.resume(ctx, callback, verification)
        case "eac":
            users = await _users_here(ctx, callback)
            described = described_in(verification)
            await finish_connecting(ctx, callback.owner_id, verification, described, users)
        case _:
            await _verify_identification(ctx, callback, verification)
    return Resumed()


async def _verify_identification(ctx: Context, callback: CallbackRow, verification: VerificationRow) -> None:
    found = await ctx.db.one(GET_IDENTIFICATION, instance_id=ctx.instance.id, id=callback.owner_id)
    if found is None or found.row.verification_id != verification.id:
        raise errors.verification_missing()
    # The account of another site is connected to the user who is here, not to one who has left.
    from_site = callback.used_at is not None and callback.client_id is not None
    if from_site and found.row.user_id not in await _users_here(ctx, callback):
        raise errors.signed_out()
    await claim(ctx, found.row, verification)


async def _users_here(ctx: Context, callback: CallbackRow) -> list[str]:
    """Returns those who are signed in at the browser that was sent away."""
    if callback.client_id is None:
        return []
    return [session.user_id for session in await live_sessions(ctx, callback.client_id)]
