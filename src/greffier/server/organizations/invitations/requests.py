"""Requests about invitations to organizations."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec


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
