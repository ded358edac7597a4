"""What both faces accept of organizations on the wire."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET

from greffier.server.users.requests import Document, Moment

Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class OrganizationFields(msgspec.Struct, kw_only=True):
    """What a member may say of an organization. Contract: the bodies of the Frontend API's
    `createOrganization` and `updateOrganization`."""

    name: str | None = None
    slug: str | None = None


class OrganizationRequest(OrganizationFields, kw_only=True):
    """Contract: the body of the Backend API's `CreateOrganization`."""

    created_by: str | None = None
    public_metadata: Document = UNSET
    private_metadata: Document = UNSET
    max_allowed_memberships: Count | None = None
    created_at: Moment = UNSET
    role_set_key: str | None = None


class OrganizationPatch(OrganizationFields, kw_only=True):
    """Contract: the body of `UpdateOrganization`, with the metadata that it accepted before 2026-05-12."""

    public_metadata: Document = UNSET
    private_metadata: Document = UNSET
    max_allowed_memberships: Count | None = None
    admin_delete_enabled: bool | None = None
    created_at: Moment = UNSET
    role_set_key: str | None = None


class MetadataRequest(msgspec.Struct, kw_only=True):
    """Contract: the bodies of the operations about metadata, of organizations and of memberships."""

    public_metadata: dict[str, Any] | msgspec.UnsetType = UNSET
    private_metadata: dict[str, Any] | msgspec.UnsetType = UNSET


class LogoRequest(msgspec.Struct, kw_only=True):
    """Contract: the body of `UploadOrganizationLogo`."""

    file: bytes
    uploader_user_id: str | None = None


class MemberRequest(msgspec.Struct, kw_only=True):
    """Contract: the body of the Frontend API's `CreateOrganizationMembership`."""

    user_id: str
    role: str


class MembershipRequest(MemberRequest, kw_only=True):
    """Contract: the body of the Backend API's `CreateOrganizationMembership`."""

    public_metadata: Document = UNSET
    private_metadata: Document = UNSET


class MembershipPatch(msgspec.Struct, kw_only=True):
    """Contract: the bodies of `UpdateOrganizationMembership`."""

    role: str


class RoleRequest(msgspec.Struct, kw_only=True):
    """Contract: the body of `CreateOrganizationRole`."""

    name: str
    key: str
    description: str | None = None
    permissions: list[str] | None = None
    include_in_initial_role_set: bool | None = None


class RolePatch(msgspec.Struct, kw_only=True):
    """Contract: the body of `UpdateOrganizationRole`."""

    name: str | None = None
    key: str | None = None
    description: str | msgspec.UnsetType | None = UNSET
    permissions: list[str] | None = None


class PermissionRequest(msgspec.Struct, kw_only=True):
    """Contract: the body of `CreateOrganizationPermission`."""

    name: str
    key: str
    description: str | None = None


class PermissionPatch(msgspec.Struct, kw_only=True):
    """Contract: the body of `UpdateOrganizationPermission`."""

    name: str | None = None
    key: str | None = None
    description: str | msgspec.UnsetType | None = UNSET


class InvitationRequest(msgspec.Struct, kw_only=True):
    """Contract: the body of the Frontend API's `createOrganizationInvitations`."""

    email_address: str
    role: str
    notify: bool | None = None


class InvitationsRequest(msgspec.Struct, kw_only=True):
    """Contract: the body of the Frontend API's `bulkCreateOrganizationInvitations`."""

    email_address: list[str]
    role: str
    notify: bool | None = None


class BackendInvitationRequest(InvitationRequest, kw_only=True):
    """Contract: the body of `CreateOrganizationInvitation`, and one item of that of
    `CreateOrganizationInvitationBulk`."""

    inviter_user_id: str | None = None
    public_metadata: dict[str, Any] | None = None
    private_metadata: dict[str, Any] | None = None
    redirect_url: str | None = None
    expires_in_days: Annotated[int, msgspec.Meta(ge=1, le=365)] | None = None


class RevocationRequest(msgspec.Struct, kw_only=True):
    """Contract: the body of `RevokeOrganizationInvitation`."""

    requesting_user_id: str | None = None
