"""Invitations to organizations on the wire."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.server.organizations.invitations.lifecycle import link_of, status_of
from greffier.server.organizations.invitations.queries import Invitation
from greffier.server.organizations.resources import organization_fields
from greffier.server.organizations.tables import OrganizationRow
from greffier.server.users.resources import PublicUserData
from greffier.server.web.context import Context


class PublicOrganizationData(msgspec.Struct, kw_only=True):
    """The part of an organization that invited users may see."""

    id: str
    name: str
    slug: str
    image_url: str
    has_image: bool


class PublicInviterData(msgspec.Struct, kw_only=True):
    """Contract: `OrganizationInvitationPublicUserData`."""

    user_id: str
    first_name: str | None
    last_name: str | None
    image_url: str
    has_image: bool
    identifier: str


class InvitationBase(msgspec.Struct, kw_only=True):
    object: Literal["organization_invitation"] = "organization_invitation"
    id: str
    email_address: str
    role: str
    role_name: str
    organization_id: str
    status: str
    public_metadata: dict[str, Any]
    url: str | None
    expires_at: int
    created_at: int
    updated_at: int


class FrontendInvitation(InvitationBase, kw_only=True):
    """Contract: `Client.OrganizationInvitation`."""

    public_organization_data: PublicOrganizationData


class BackendInvitation(InvitationBase, kw_only=True):
    """Contract: `OrganizationInvitation`."""

    inviter_id: str | None
    public_inviter_data: PublicInviterData | None
    private_metadata: dict[str, Any]


class BackendInvitationWithOrganization(BackendInvitation, kw_only=True):
    """Contract: `OrganizationInvitationWithPublicOrganizationData`."""

    public_organization_data: PublicOrganizationData


def _invitation(ctx: Context, invitation: Invitation) -> dict[str, Any]:
    row, status = invitation.row, status_of(invitation.row, ctx.now)
    return {
        "id": row.id,
        "email_address": row.email_address,
        "role": invitation.role,
        "role_name": invitation.role_name,
        "organization_id": row.organization_id,
        "status": status,
        "public_metadata": row.public_metadata,
        "url": link_of(ctx, row) if status == "pending" else None,
        "expires_at": row.expire_at,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _public_organization(ctx: Context, row: OrganizationRow) -> PublicOrganizationData:
    shown = organization_fields(ctx, row)
    return PublicOrganizationData(**{name: shown[name] for name in PublicOrganizationData.__struct_fields__})


def frontend_invitation(ctx: Context, invitation: Invitation) -> FrontendInvitation:
    organization = _public_organization(ctx, invitation.organization)
    return FrontendInvitation(**_invitation(ctx, invitation), public_organization_data=organization)


def backend_invitation(
    ctx: Context, invitation: Invitation, people: dict[str, PublicUserData]
) -> BackendInvitation:
    """Args: people: those who invited, as far as they are there."""
    return BackendInvitation(**_invitation(ctx, invitation), **_backend_only(invitation, people))


def invitation_with_organization(
    ctx: Context, invitation: Invitation, people: dict[str, PublicUserData]
) -> BackendInvitationWithOrganization:
    return BackendInvitationWithOrganization(
        **_invitation(ctx, invitation),
        **_backend_only(invitation, people),
        public_organization_data=_public_organization(ctx, invitation.organization),
    )


def _backend_only(invitation: Invitation, people: dict[str, PublicUserData]) -> dict[str, Any]:
    inviter = people.get(invitation.row.inviter_id or "")
    names = PublicInviterData.__struct_fields__
    return {
        "private_metadata": invitation.row.private_metadata,
        "inviter_id": invitation.row.inviter_id,
        "public_inviter_data": inviter
        and PublicInviterData(**{name: getattr(inviter, name) for name in names}),
    }
