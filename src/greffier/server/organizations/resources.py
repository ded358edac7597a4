"""What organizations, memberships, roles and permissions look like on the wire. `private_metadata` exists
only on the Backend API's structs and so cannot leak."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from greffier.server.organizations.invitations.lifecycle import link_of, status_of
from greffier.server.organizations.invitations.queries import Invitation
from greffier.server.organizations.queries import Membership
from greffier.server.organizations.roles.system_permissions import CREATOR_NEEDS
from greffier.server.organizations.tables import OrganizationRow, PermissionRow, RoleRow
from greffier.server.users.resources import PublicUserData
from greffier.server.web.context import Context


class OrganizationBase(msgspec.Struct, kw_only=True):
    object: Literal["organization"] = "organization"
    id: str
    name: str
    slug: str
    image_url: str
    logo_url: str | None
    has_image: bool
    max_allowed_memberships: int
    admin_delete_enabled: bool
    public_metadata: dict[str, Any]
    created_at: int
    updated_at: int


class FrontendOrganization(OrganizationBase, kw_only=True):
    """Contract: `Client.Organization`."""

    members_count: int
    pending_invitations_count: int | UnsetType = UNSET


class BackendOrganization(OrganizationBase, kw_only=True):
    """Contract: `Organization`."""

    private_metadata: dict[str, Any]
    created_by: str | UnsetType = UNSET
    members_count: int | UnsetType = UNSET
    missing_member_with_elevated_permissions: bool | UnsetType = UNSET


class MembershipBase(msgspec.Struct, kw_only=True):
    object: Literal["organization_membership"] = "organization_membership"
    id: str
    role: str
    role_name: str
    permissions: list[str]
    public_metadata: dict[str, Any]
    created_at: int
    updated_at: int


class FrontendMembership(MembershipBase, kw_only=True):
    """Contract: `Client.OrganizationMembership`."""

    organization: FrontendOrganization
    public_user_data: PublicUserData | UnsetType = UNSET


class BackendMembership(MembershipBase, kw_only=True):
    """Contract: `OrganizationMembership`."""

    private_metadata: dict[str, Any]
    organization: BackendOrganization
    public_user_data: PublicUserData


class PublicOrganizationData(msgspec.Struct, kw_only=True):
    """What people may see who are invited."""

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


class FrontendInvitation(msgspec.Struct, kw_only=True):
    """Contract: `Client.OrganizationInvitation`."""

    object: Literal["organization_invitation"] = "organization_invitation"
    id: str
    email_address: str
    role: str
    role_name: str
    organization_id: str
    public_organization_data: PublicOrganizationData
    status: str
    public_metadata: dict[str, Any]
    url: str | None
    expires_at: int
    created_at: int
    updated_at: int


class BackendInvitation(msgspec.Struct, kw_only=True):
    """Contract: `OrganizationInvitation`."""

    object: Literal["organization_invitation"] = "organization_invitation"
    id: str
    email_address: str
    role: str
    role_name: str
    organization_id: str
    inviter_id: str | None
    public_inviter_data: PublicInviterData | None
    status: str
    public_metadata: dict[str, Any]
    private_metadata: dict[str, Any]
    url: str | None
    expires_at: int
    created_at: int
    updated_at: int


class BackendInvitationWithOrganization(BackendInvitation, kw_only=True):
    """Contract: `OrganizationInvitationWithPublicOrganizationData`."""

    public_organization_data: PublicOrganizationData


class Permission(msgspec.Struct, kw_only=True):
    """Contract: `Permission`, and `Client.Permission`."""

    object: Literal["permission"] = "permission"
    id: str
    name: str
    key: str
    description: str
    type: str
    created_at: int
    updated_at: int


class Role(msgspec.Struct, kw_only=True):
    """Contract: `Role`, and `Client.Role`."""

    object: Literal["role"] = "role"
    id: str
    name: str
    key: str
    description: str
    is_creator_eligible: bool
    permissions: list[Permission]
    created_at: int
    updated_at: int


class DeletedObject(msgspec.Struct, kw_only=True):
    """Contract: `DeletedObject`."""

    object: str
    id: str
    slug: str | UnsetType = UNSET
    deleted: bool = True


# --- organizations ------------------------------------------------------------------------------------------


def _organization(ctx: Context, row: OrganizationRow) -> dict[str, Any]:
    name = f"{row.image_id}.webp" if row.image_id else f"{row.id}.svg"
    picture = f"{ctx.public_url}/avatars/{name}"
    return {
        "id": row.id,
        "name": row.name,
        "slug": row.slug,
        "image_url": picture,
        "logo_url": picture if row.image_id else None,
        "has_image": row.image_id is not None,
        "max_allowed_memberships": row.max_allowed_memberships,
        "admin_delete_enabled": row.admin_delete_enabled,
        "public_metadata": row.public_metadata,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def frontend_organization(
    ctx: Context, row: OrganizationRow, members_count: int, invited: int | UnsetType = UNSET
) -> FrontendOrganization:
    """Args: invited: how many are invited, where that is told."""
    return FrontendOrganization(
        **_organization(ctx, row), members_count=members_count, pending_invitations_count=invited
    )


def backend_organization(
    ctx: Context,
    row: OrganizationRow,
    *,
    members_count: int | None = None,
    missing_administrator: bool | None = None,
) -> BackendOrganization:
    """Args: members_count, missing_administrator: what somebody asked to be told."""
    return BackendOrganization(
        **_organization(ctx, row),
        private_metadata=row.private_metadata,
        created_by=UNSET if row.created_by is None else row.created_by,
        members_count=UNSET if members_count is None else members_count,
        missing_member_with_elevated_permissions=(
            UNSET if missing_administrator is None else missing_administrator
        ),
    )


# --- memberships --------------------------------------------------------------------------------------------


def _membership(membership: Membership) -> dict[str, Any]:
    return {
        "id": membership.row.id,
        "role": membership.role,
        "role_name": membership.role_name,
        "permissions": list(membership.permissions),
        "public_metadata": membership.row.public_metadata,
        "created_at": membership.row.created_at,
        "updated_at": membership.row.updated_at,
    }


def own_membership(ctx: Context, membership: Membership) -> FrontendMembership:
    """As it is shown within the user whose it is. `membership` was read with the count of members."""
    organization = frontend_organization(ctx, membership.organization, membership.members_count)
    return FrontendMembership(**_membership(membership), organization=organization)


def frontend_memberships(
    ctx: Context, memberships: list[Membership], people: dict[str, PublicUserData]
) -> list[FrontendMembership]:
    return [
        FrontendMembership(
            **_membership(one),
            organization=frontend_organization(ctx, one.organization, one.members_count),
            public_user_data=people[one.row.user_id],
        )
        for one in memberships
    ]


def backend_memberships(
    ctx: Context, memberships: list[Membership], people: dict[str, PublicUserData]
) -> list[BackendMembership]:
    return [
        BackendMembership(
            **_membership(one),
            private_metadata=one.row.private_metadata,
            organization=backend_organization(ctx, one.organization),
            public_user_data=people[one.row.user_id],
        )
        for one in memberships
    ]


# --- invitations --------------------------------------------------------------------------------------------


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
    shown = _organization(ctx, row)
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


# --- roles --------------------------------------------------------------------------------------------------


def permission(row: PermissionRow) -> Permission:
    return Permission(
        id=row.id,
        name=row.name,
        key=row.key,
        description=row.description or "",
        type=row.type,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def role(row: RoleRow, permissions: list[PermissionRow]) -> Role:
    return Role(
        id=row.id,
        name=row.name,
        key=row.key,
        description=row.description or "",
        is_creator_eligible=set(CREATOR_NEEDS) <= {one.key for one in permissions},
        permissions=[permission(one) for one in permissions],
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
