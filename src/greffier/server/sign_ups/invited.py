"""Sign-ups by invitation: the ticket proves the address, and it is the only one that the sign-up can have.

The invitation is used up at the end, when the sign-up becomes a user (`flow.complete_if_possible`).
"""

from __future__ import annotations

from typing import Any

from greffier.server import errors
from greffier.server.admission.invitations import find_invitation, require_pending
from greffier.server.admission.tables import InvitationRow
from greffier.server.delivery.addresses import canonical
from greffier.server.identifications.emails import require_unclaimed
from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.verifications.codes import record_verified
from greffier.server.web.context import Context


async def invitation_of(ctx: Context, strategy: str | None, ticket: str | None) -> InvitationRow | None:
    """The invitation that somebody signs up with; `None` for whoever brings no ticket.

    Raises:
        ApiError: 422 when the strategy is a ticket and there is none; 400 when the ticket is not an
            invitation's, or that was used or revoked, or has expired; 422 when a user has the address.
    """
    if not ticket:
        if strategy == "ticket":
            raise errors.invalid_params(errors.param_missing("ticket"))
        return None
    invitation = await find_invitation(ctx, ticket)
    if invitation is None:
        raise errors.ticket_invalid()
    require_pending(invitation, ctx.now)
    # Who holds the ticket has the address, so this may be told even where accounts are hidden.
    await require_unclaimed(ctx, invitation.email_address)
    return invitation


async def with_invitation(
    ctx: Context, row: SignUpRow, invitation: InvitationRow, changes: dict[str, Any]
) -> dict[str, Any]:
    """The changes, and what the invitation says: the address, proven by the ticket, and metadata.

    Raises:
        ApiError: 422 when the changes name another address.
    """
    changes = _without_address(changes, invitation.canonical)
    if row.invitation_id == invitation.id:
        return changes
    verification = await record_verified(ctx, "ticket", sent_to=invitation.canonical)
    return changes | {
        "email_address": invitation.email_address,
        "email_verification_id": verification.id,
        "invitation_id": invitation.id,
        "public_metadata": invitation.public_metadata,
    }


def keep_invited_address(row: SignUpRow, changes: dict[str, Any]) -> dict[str, Any]:
    """The changes of a sign-up that may have begun with an invitation.

    Raises:
        ApiError: 422 when it did, and they name another address: neither the right to sign up nor the
            metadata are for somebody else.
    """
    if row.invitation_id is None or row.email_address is None:
        return changes
    return _without_address(changes, canonical(row.email_address))


def _without_address(changes: dict[str, Any], invited: str) -> dict[str, Any]:
    """Forms send the address along as they show it, or empty."""
    address = changes.get("email_address")
    if address and canonical(address) != invited:
        why = "You were invited with another email address, and sign up with that one."
        raise errors.identifier_invalid("email_address", why)
    return {name: value for name, value in changes.items() if name != "email_address"}
