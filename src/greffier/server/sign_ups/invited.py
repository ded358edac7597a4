"""Sign-ups by invitation: the ticket verifies the address, and it is the only one that the sign-up can have.

The invitation is used up at the end, when the sign-up becomes a user (`flow.complete_if_possible`).
"""

from __future__ import annotations

from greffier.server import errors
from greffier.server.admission.invitations import (
    INVITED_KIND,
    find_invitation,
    invited_identifier,
    require_pending,
)
from greffier.server.admission.tables import InvitationRow
from greffier.server.identifications.claims import require_unclaimed
from greffier.server.identifications.kinds import kind_named
from greffier.server.sign_ups.changes import Changes
from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.verifications.records import record_verified
from greffier.server.web.context import Context


async def invitation_of(ctx: Context, strategy: str | None, ticket: str | None) -> InvitationRow | None:
    """Returns the invitation of a sign-up; `None` without a ticket.

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
    # The ticket's holder has the address, so this may be revealed even under enumeration protection.
    await require_unclaimed(ctx, invited_identifier(invitation))
    return invitation


async def with_invitation(
    ctx: Context, row: SignUpRow, invitation: InvitationRow, changes: Changes
) -> Changes:
    """The changes with those of the invitation: the address, verified by the ticket, and metadata.

    Raises:
        ApiError: 422 when the changes name another address.
    """
    identifier = invited_identifier(invitation)
    _keep(changes, identifier.canonical)
    if row.invitation_id != invitation.id:
        verification = await record_verified(ctx, "ticket", sent_to=identifier)
        changes.set_verified(identifier, verification.id)
        metadata = {"invitation_id": invitation.id, "public_metadata": invitation.public_metadata}
        changes.columns = changes.columns | metadata
    return changes


def keep_invited_address(row: SignUpRow, changes: Changes) -> Changes:
    """The changes of a sign-up that may have begun with an invitation.

    Raises:
        ApiError: 422 when it did, and they name another address: neither the right to sign up nor the
            metadata are for another person.
    """
    invited = row.value_of(INVITED_KIND)
    if row.invitation_id is not None and invited is not None:
        _keep(changes, kind_named(INVITED_KIND).canonical(invited))
    return changes


def _keep(changes: Changes, invited: str) -> None:
    """Forms send the address along as they show it, or empty."""
    given = changes.identifiers.get(INVITED_KIND)
    if given is not None and given.canonical != invited:
        kind = INVITED_KIND.replace("_", " ")
        why = f"You were invited with another {kind}, and sign up with that one."
        raise errors.identifier_invalid(INVITED_KIND, why)
    changes.identifiers.pop(INVITED_KIND, None)
