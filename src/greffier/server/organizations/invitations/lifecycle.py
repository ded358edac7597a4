"""Invitations to organizations. A user with the invited address verified can accept; the link in the mail
verifies nothing.
"""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.delivery.addresses import canonical
from greffier.server.delivery.messages import organization_invitation_message
from greffier.server.identifications.email_addresses.reading import read_email_address
from greffier.server.organizations.invitations.queries import (
    ADDRESSES_OF_USER,
    GET_INVITATION,
    INSERT_INVITATION,
    LOCK_INVITATION,
    MEMBER_WITH_ADDRESS,
    OPEN_INVITATION_TO,
    UPDATE_INVITATION,
    Invitation,
)
from greffier.server.organizations.invitations.requests import BackendInvitationRequest, InvitationRequest
from greffier.server.organizations.members.lifecycle import given_role, insert_membership, require_seat
from greffier.server.organizations.members.queries import GET_MEMBERSHIP, Membership
from greffier.server.organizations.queries import LOCK
from greffier.server.organizations.roles.system_permissions import MANAGE_MEMBERS
from greffier.server.organizations.tables import OrganizationInvitationRow, OrganizationRow
from greffier.server.store.ids import new_id
from greffier.server.users.lookup import lock_user
from greffier.server.users.profile.metadata import check_size
from greffier.server.web.context import Context
from greffier.server.web.http.redirects import redirect_allowed
from greffier.server.web.mailing import send_mail

DAY = 24 * 3600 * 1000
"""Milliseconds."""
DEFAULT_DAYS = 30
"""Contract: `CreateOrganizationInvitation`."""
MAX_AT_ONCE = 10
"""Contract: `CreateOrganizationInvitationBulk`."""


async def invite(
    ctx: Context,
    organization: OrganizationRow,
    requests: list[InvitationRequest],
    *,
    by: Membership | None = None,
    bulk: bool = False,
) -> list[Invitation]:
    """Invite all of these addresses, or none.

    Args:
        organization: locked.
        by: the member who invites; `None` for the application itself, which may name one.
        bulk: asked for by the operation for several, which has its own limit.

    Raises:
        ApiError: 422 for what is malformed; 404 for an unknown role; 400 for an address that is invited or a
            member already; 403 when there would be too many members, or the inviter may not; 429 when the
            organization, the member or a mailbox has had too many.
    """
    await ctx.services.limits.organization_invitations(
        ctx.instance, organization.id, by.row.user_id if by else None, ctx.now, bulk=bulk
    )
    if not 1 <= len(requests) <= MAX_AT_ONCE:
        why = f"Invite 1 to {MAX_AT_ONCE} people at once."
        raise errors.invalid_params(errors.param_format_invalid("email_address", why))
    addresses = [read_email_address(request.email_address) for request in requests]
    await _require_uninvited(ctx, organization, addresses)
    await require_seat(ctx, organization, len(addresses))
    return [await _invite(ctx, organization, *one, by) for one in zip(requests, addresses, strict=True)]


async def _require_uninvited(ctx: Context, organization: OrganizationRow, addresses: list[str]) -> None:
    keys = {"instance_id": ctx.instance.id, "organization_id": organization.id}
    members: list[str] = []
    invited = [one for one in addresses if [canonical(a) for a in addresses].count(canonical(one)) > 1]
    for address in addresses:
        name = canonical(address)
        if await ctx.db.one(MEMBER_WITH_ADDRESS, canonical=name, **keys) is not None:
            members.append(address)
        elif await ctx.db.one(OPEN_INVITATION_TO, canonical=name, now=ctx.now, **keys) is not None:
            invited.append(address)
    if members:
        raise errors.members_already(members)
    if invited:
        refusal = errors.invitation_not_unique if ctx.by_server else errors.invited_already
        raise refusal(list(dict.fromkeys(invited)))


async def _invite(
    ctx: Context,
    organization: OrganizationRow,
    request: InvitationRequest,
    address: str,
    by: Membership | None,
) -> Invitation:
    more = request if isinstance(request, BackendInvitationRequest) else None
    if more is not None:
        _check(ctx, more)
        by = await _inviter(ctx, organization, more.inviter_user_id)
    role = await given_role(ctx, request.role, by)
    days = (more.expires_in_days if more else None) or DEFAULT_DAYS
    row = OrganizationInvitationRow(
        id=new_id("orginv", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        organization_id=organization.id,
        role_id=role.id,
        email_address=address,
        canonical=canonical(address),
        inviter_id=by.row.user_id if by else None,
        status="pending",
        public_metadata=(more.public_metadata if more else None) or {},
        private_metadata=(more.private_metadata if more else None) or {},
        redirect_url=(more.redirect_url if more else None) or None,
        expire_at=ctx.now + days * DAY,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await ctx.db.insert(INSERT_INVITATION, row)
    if request.notify is not False:
        await _notify(ctx, organization, row, days)
    return Invitation(row, organization, role.key, role.name)


def _check(ctx: Context, request: BackendInvitationRequest) -> None:
    check_size(
        {
            "public_metadata": request.public_metadata or {},
            "private_metadata": request.private_metadata or {},
        }
    )
    if request.redirect_url and not redirect_allowed(ctx.instance, request.redirect_url):
        why = "redirect_url must be an absolute URL of an allowed origin."
        raise errors.invalid_params(errors.param_format_invalid("redirect_url", why))


async def _inviter(ctx: Context, organization: OrganizationRow, user_id: str | None) -> Membership | None:
    if user_id is None:
        return None
    keys = {"instance_id": ctx.instance.id, "organization_id": organization.id, "user_id": user_id}
    member = await ctx.db.one(GET_MEMBERSHIP, **keys)
    if member is None or MANAGE_MEMBERS not in member.permissions:
        raise errors.missing_organization_permission((MANAGE_MEMBERS,))
    return member


def link_of(ctx: Context, row: OrganizationInvitationRow) -> str:
    """The link of the mail: a page on which users sign in and then accept."""
    settings = ctx.instance.settings
    return row.redirect_url or settings.sign_in_url or f"{ctx.public_url}/sign-in"


async def _notify(
    ctx: Context, organization: OrganizationRow, row: OrganizationInvitationRow, days: int
) -> None:
    """Queue the mail in the same transaction."""
    mail = organization_invitation_message(
        to_address=row.email_address,
        application_name=ctx.instance.settings.application_name,
        organization_name=organization.name,
        link=link_of(ctx, row),
        days=days,
    )
    await send_mail(ctx, mail, "invitation")


async def get_invitation(ctx: Context, organization_id: str, invitation_id: str) -> Invitation:
    """Raises: ApiError: 404 when the organization has no such invitation."""
    found = await ctx.db.one(GET_INVITATION, instance_id=ctx.instance.id, id=invitation_id)
    if found is None or found.organization.id != organization_id:
        raise errors.not_found("invitation")
    return found


async def revoke(
    ctx: Context, organization: OrganizationRow, invitation_id: str, *, requested_by: str | None = None
) -> Invitation:
    """Revoke the invitation.

    Args:
        organization: locked.
        requested_by: the member in whose name the application asks.

    Raises:
        ApiError: 404 when there is no such invitation that is pending; 403 when the member may not.
    """
    await _inviter(ctx, organization, requested_by)
    found = await get_invitation(ctx, organization.id, invitation_id)
    if status_of(found.row, ctx.now) != "pending":
        raise errors.not_found("pending invitation")
    return await _finish(ctx, found, "revoked")


async def addresses_of(ctx: Context, user_id: str) -> list[str]:
    """The addresses by which a user can be invited: the verified ones."""
    return await ctx.db.all(ADDRESSES_OF_USER, instance_id=ctx.instance.id, user_id=user_id)


async def accept(ctx: Context, user_id: str, invitation_id: str) -> Invitation:
    """Join. Of parallel requests one succeeds.

    Raises:
        ApiError: 404 when there is no such invitation that is pending and to an address of the user; 422 when
            the organization is full.
    """
    found = await ctx.db.one(GET_INVITATION, instance_id=ctx.instance.id, id=invitation_id)
    if found is None or found.row.canonical not in await addresses_of(ctx, user_id):
        raise errors.not_found("invitation")
    # The same order as for changes of members: the organization first, so that there is no deadlock.
    organization = await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=found.organization.id)
    row = await ctx.db.one(LOCK_INVITATION, instance_id=ctx.instance.id, id=invitation_id)
    if organization is None or row is None or status_of(row, ctx.now) != "pending":
        raise errors.not_found("pending invitation")
    await lock_user(ctx, user_id)  # who is not deleted meanwhile
    keys = {"instance_id": ctx.instance.id, "organization_id": organization.id}
    if await ctx.db.one(GET_MEMBERSHIP, user_id=user_id, **keys) is None:
        with errors.answered_with(422, instead_of=403):
            await require_seat(ctx, organization, 0)  # theirs is among those that are counted
        documents = {"public_metadata": row.public_metadata, "private_metadata": row.private_metadata}
        await insert_membership(ctx, organization.id, user_id, row.role_id, **documents)
    return await _finish(ctx, found, "accepted")


async def _finish(ctx: Context, found: Invitation, status: str) -> Invitation:
    row = msgspec.structs.replace(found.row, status=status, updated_at=ctx.now)
    await ctx.db.save(UPDATE_INVITATION, row)
    return msgspec.structs.replace(found, row=row)


def status_of(row: OrganizationInvitationRow, now: int) -> str:
    """`pending`, `accepted`, `revoked` or `expired`.

    Args:
        now: milliseconds since the epoch.
    """
    return "expired" if row.status == "pending" and row.expire_at <= now else row.status
