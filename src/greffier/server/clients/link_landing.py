"""The landing of links from mails and of answers of other sites: verifies, resumes the flow, redirects the
browser."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server import errors
from greffier.server.admission.invitations import find_invitation, invited_identifier, require_pending
from greffier.server.admission.sign_in_tokens import check_ticket
from greffier.server.admission.tables import InvitationRow
from greffier.server.clients.queries import LOCK, UPDATE
from greffier.server.errors import ApiError
from greffier.server.identifications.claims import claim, find_claimed
from greffier.server.identifications.queries import GET as GET_IDENTIFICATION
from greffier.server.sign_ins import callbacks as sign_ins
from greffier.server.sign_ups import callbacks as sign_ups
from greffier.server.strategies import strategy_named
from greffier.server.verifications.callbacks import Outcome, find_callback, lock_verification
from greffier.server.verifications.tables import CallbackRow, VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.http.redirects import redirect_allowed, with_query


async def land_callback(ctx: Context, token: str, answer: Parameters) -> str:
    """Handle the return of a browser that a strategy redirected; returns the URL to redirect to, which
    carries the outcome.

    Args:
        answer: the parameters of the request.

    Raises:
        ApiError: 400 when nothing waits for this token.
    """
    callback = await find_callback(ctx, token)
    try:
        outcome, session_id = await _complete(ctx, callback, answer)
    except ApiError:
        # The flow has ended or must not complete: nothing begun here may stay.
        await ctx.db.rollback()
        ctx.rotate_client = False
        outcome, session_id = "failed", None
    session = {"__clerk_created_session": session_id} if session_id else {}
    return with_query(
        callback.redirect_url, drop=("__clerk_created_session",), __clerk_status=outcome, **session
    )


async def _complete(ctx: Context, callback: CallbackRow, answer: Parameters) -> tuple[Outcome, str | None]:
    row = await lock_verification(ctx, callback)
    outcome, verification = await strategy_named(ctx, row.strategy).complete(ctx, callback, row, answer)
    if outcome != "verified":
        return outcome, None
    outcome, session_id = await _resume(ctx, callback, verification)
    if callback.client_id is None or (ctx.client is not None and ctx.client.id == callback.client_id):
        ctx.client_changed = True  # this navigation changes what other flows change by POST
        return outcome, session_id
    # Another browser was changed. It gets its new secret with its next request; this one keeps its own.
    ctx.rotate_client = False
    await _note_on_other_client(ctx, callback.client_id, rotate=session_id is not None)
    return outcome, session_id


async def _resume(
    ctx: Context, callback: CallbackRow, verification: VerificationRow
) -> tuple[Outcome, str | None]:
    """Resume the verified flow; returns the outcome, and the session that began, if one did."""
    match callback.owner_id.partition("_")[0]:
        case "sia":
            sign_in = await sign_ins.resume(ctx, callback, verification)
            return ("verified" if sign_in.user_id else "transferable"), sign_in.created_session_id
        case "sua":
            return "verified", (await sign_ups.resume(ctx, callback, verification)).created_session_id
        case _:
            await _verify_identification(ctx, callback, verification)
            return "verified", None


async def _verify_identification(ctx: Context, callback: CallbackRow, verification: VerificationRow) -> None:
    found = await ctx.db.one(GET_IDENTIFICATION, instance_id=ctx.instance.id, id=callback.owner_id)
    if found is None or found.row.verification_id != verification.id:
        raise errors.verification_missing()
    await claim(ctx, found.row, verification)


async def _note_on_other_client(ctx: Context, client_id: str, *, rotate: bool) -> None:
    row = await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=client_id)
    if row is not None:
        changed = msgspec.structs.replace(
            row,
            rotation_due=row.rotation_due or rotate,
            last_authentication_strategy=ctx.authentication_strategy or row.last_authentication_strategy,
            updated_at=max(ctx.now, row.updated_at),
        )
        await ctx.db.save(UPDATE, changed)


async def land_ticket(ctx: Context, ticket: str) -> str:
    """The URL of the page that uses the ticket, which is still good.

    Raises:
        ApiError: 400 when the ticket is unknown, used, revoked or expired.
    """
    invitation = await find_invitation(ctx, ticket)
    if invitation is not None:
        return await _land_invitation(ctx, invitation, ticket)
    await check_ticket(ctx, ticket)
    return with_query(_page(ctx, "sign_in"), __clerk_ticket=ticket, __clerk_status="sign_in")


async def _land_invitation(ctx: Context, invitation: InvitationRow, ticket: str) -> str:
    """The URL that the inviter gave, or the sign-up page; the sign-in page for an existing user.

    Users follow the mail's link again to return: then it leads to the sign-in page, without the ticket, which
    was used.
    """
    known = await find_claimed(ctx, invited_identifier(invitation)) is not None
    if known and invitation.status == "accepted":
        return with_query(_page(ctx, "sign_in"), __clerk_status="complete")
    require_pending(invitation, ctx.now)
    status = "sign_in" if known else "sign_up"
    wanted = invitation.redirect_url
    # The origin may have been allowed only when the invitation was made.
    page = wanted if wanted and redirect_allowed(ctx.instance, wanted) else _page(ctx, status)
    return with_query(page, __clerk_ticket=ticket, __clerk_status=status)


def _page(ctx: Context, status: Literal["sign_in", "sign_up"]) -> str:
    settings = ctx.instance.settings
    if status == "sign_up":
        return settings.sign_up_url or f"{ctx.public_url}/sign-up"
    return settings.sign_in_url or f"{ctx.public_url}/sign-in"
