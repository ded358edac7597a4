"""Invitations to sign up: an address, and a ticket that verifies it.

An invitation is used up when the sign-up that it allowed is complete, not before. It never signs a user in:
an existing user signs in as always (docs/decisions, invitations).
"""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec

from greffier.server import errors
from greffier.server.admission.queries import (
    FIND_INVITATION,
    INSERT_INVITATION,
    LOCK_INVITATION,
    OPEN_INVITATION_TO,
    RELEASE_EXPIRED,
    UPDATE_INVITATION,
)
from greffier.server.admission.requests import InvitationRequest, Template
from greffier.server.admission.tables import InvitationRow
from greffier.server.admission.tickets import write_ticket
from greffier.server.crypto.secrets import hash_secret
from greffier.server.delivery.addresses import canonical
from greffier.server.delivery.messages import (
    InvitationMessage,
    invitation_message,
    waitlist_invitation_message,
)
from greffier.server.errors import ApiError, ErrorItem
from greffier.server.identifications.claims import require_unclaimed
from greffier.server.identifications.email_addresses.reading import NAME, identifier_of, read_email_address
from greffier.server.store.database import UniqueViolation
from greffier.server.store.ids import new_id
from greffier.server.users.profile.metadata import metadata_problems
from greffier.server.verifications.identifiers import Identifier
from greffier.server.web.context import Context
from greffier.server.web.http.redirects import redirect_allowed
from greffier.server.web.mailing import send_mail

DAY = 24 * 3600 * 1000
"""Milliseconds."""
DEFAULT_DAYS = 30
INVITED_KIND = NAME
"""The kind of identification that is invited."""
"""Contract: `CreateInvitation`."""
MAX_AT_ONCE = 10
"""Contract: `CreateBulkInvitations`."""


_MESSAGES: dict[Template, InvitationMessage] = {
    "invitation": invitation_message,
    "waitlist_invitation": waitlist_invitation_message,
}


async def create_invitation(ctx: Context, request: InvitationRequest) -> tuple[InvitationRow, str]:
    """Invite an address, by mail unless that is not wanted; returns the invitation and its link, which is not
    stored.

    Raises:
        ApiError: 422 with an entry for everything that is malformed, or when a user has the address; 400 when
            it has an open invitation. `ignore_existing` allows these two.
    """
    address = _check(ctx, request)
    if not request.ignore_existing:
        await require_unclaimed(ctx, identifier_of(address))
    return await _create(ctx, request, address)


async def create_invitations(
    ctx: Context, requests: list[InvitationRequest]
) -> list[tuple[InvitationRow, str]]:
    """Invite several addresses: all of them or none.

    Raises:
        ApiError: as `create_invitation`; here `ignore_existing` does not allow addresses of users, as the
            contract has it. 422 when there is none, or too many.
    """
    if not 1 <= len(requests) <= MAX_AT_ONCE:
        why = f"Invite 1 to {MAX_AT_ONCE} people at once."
        raise errors.invalid_params(errors.param_format_invalid("items", why))
    addresses = await _check_all(ctx, requests)
    return [await _create(ctx, *one) for one in zip(requests, addresses, strict=True)]


def invited_identifier(invitation: InvitationRow) -> Identifier:
    """The identifier that the ticket of an invitation verifies: it was sent there."""
    return Identifier(INVITED_KIND, invitation.email_address, invitation.canonical)


async def _check_all(ctx: Context, requests: list[InvitationRequest]) -> list[str]:
    """The addresses of all, before the first is invited.

    Raises:
        ApiError: 422 with an entry for everything that is wrong; it names the item.
    """
    addresses: list[str] = []
    problems: list[ErrorItem] = []
    for index, request in enumerate(requests):
        try:
            address = _check(ctx, request)
            await require_unclaimed(ctx, identifier_of(address))
            addresses.append(address)
        except ApiError as error:
            problems.extend(errors.at_item(item, index) for item in error.items)
    if problems:
        raise errors.invalid_params(*problems)
    return addresses


def _check(ctx: Context, request: InvitationRequest) -> str:
    """The address, normalised.

    Raises:
        ApiError: 422 with an entry for everything that is malformed.
    """
    problems = metadata_problems({"public_metadata": request.public_metadata or {}})
    if request.redirect_url and not redirect_allowed(ctx.instance, request.redirect_url):
        why = "redirect_url must be an absolute URL of an allowed origin."
        problems.append(errors.param_format_invalid("redirect_url", why))
    address = ""
    try:
        address = read_email_address(request.email_address)
    except ApiError as error:
        problems.extend(error.items)
    if problems:
        raise errors.invalid_params(*problems)
    return address


async def _create(ctx: Context, request: InvitationRequest, address: str) -> tuple[InvitationRow, str]:
    is_exclusive = not request.ignore_existing
    if is_exclusive:
        await _require_uninvited(ctx, address)
    days = request.expires_in_days or DEFAULT_DAYS
    invitation_id, expire_at = new_id("inv", now_ms=ctx.now), ctx.now + days * DAY
    ticket = write_ticket(ctx, invitation_id, "invitation", expire_at)
    row = InvitationRow(
        id=invitation_id,
        instance_id=ctx.instance.id,
        email_address=address,
        canonical=canonical(address),
        status="pending",
        is_exclusive=is_exclusive,
        public_metadata=request.public_metadata or {},
        redirect_url=request.redirect_url or None,
        token_hash=hash_secret(ticket),
        expire_at=expire_at,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    try:
        await ctx.db.insert(INSERT_INVITATION, row)
    except UniqueViolation:
        raise errors.already_invited(address) from None
    url = f"{ctx.public_url}/v1/tickets/accept?{urlencode({'ticket': ticket})}"
    if request.notify is not False:
        await _notify(ctx, address, url, request.template_slug or "invitation", days)
    return row, url


async def _require_uninvited(ctx: Context, address: str) -> None:
    to = {"instance_id": ctx.instance.id, "canonical": canonical(address), "now": ctx.now}
    if await ctx.db.one(OPEN_INVITATION_TO, **to) is not None:
        raise errors.already_invited(address)
    await ctx.db.execute(RELEASE_EXPIRED, **to)


async def _notify(ctx: Context, address: str, url: str, template: Template, days: int) -> None:
    """Mail the link, in the same transaction."""
    name = ctx.instance.settings.application_name
    mail = _MESSAGES[template](to_address=address, application_name=name, link=url, days=days)
    await send_mail(ctx, mail, "invitation")


async def revoke_invitation(ctx: Context, invitation_id: str) -> InvitationRow:
    """Revoke the invitation.

    Raises:
        ApiError: 404 when there is none; 400 when it is not pending any more.
    """
    row = await ctx.db.one(LOCK_INVITATION, instance_id=ctx.instance.id, id=invitation_id)
    if row is None:
        raise errors.not_found("invitation")
    status = status_of(row, ctx.now)
    if status != "pending":
        raise errors.invitation_not_pending(status)
    return await _finish(ctx, row, "revoked")


async def find_invitation(ctx: Context, ticket: str) -> InvitationRow | None:
    """The invitation with this ticket, in whatever state."""
    return await ctx.db.one(FIND_INVITATION, instance_id=ctx.instance.id, token_hash=hash_secret(ticket))


async def accept_invitation(ctx: Context, invitation_id: str) -> InvitationRow:
    """Mark it as used. Of parallel requests one succeeds; the others fail as for a used one.

    Raises:
        ApiError: 400 when it was used or revoked, or has expired.
    """
    row = await ctx.db.one(LOCK_INVITATION, instance_id=ctx.instance.id, id=invitation_id)
    if row is None:
        raise errors.ticket_invalid()
    require_pending(row, ctx.now)
    return await _finish(ctx, row, "accepted")


async def _finish(ctx: Context, row: InvitationRow, status: str) -> InvitationRow:
    ended = msgspec.structs.replace(row, status=status, is_exclusive=False, updated_at=ctx.now)
    await ctx.db.save(UPDATE_INVITATION, ended)
    return ended


def require_pending(row: InvitationRow, now: int) -> None:
    """Raises: ApiError: 400 when it was used or revoked, or has expired."""
    match status_of(row, now):
        case "pending":
            return
        case "expired":
            raise errors.ticket_expired()
        case _:
            raise errors.ticket_invalid()


def status_of(row: InvitationRow, now: int) -> str:
    """`pending`, `accepted`, `revoked` or `expired`.

    Args:
        now: milliseconds since the epoch.
    """
    return "expired" if row.status == "pending" and row.expire_at <= now else row.status
