"""The landing of tickets, such as invitations: leads to the page that uses them."""

from __future__ import annotations

from typing import Literal

from greffier.server.admission.invitations import find_invitation, invited_identifier, require_pending
from greffier.server.admission.sign_in_tokens import check_ticket
from greffier.server.admission.tables import InvitationRow
from greffier.server.identifications.claims import find_claimed
from greffier.server.web.context import Context
from greffier.server.web.http.redirects import redirect_allowed, with_query


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
