"""Requests about members."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from greffier.server.users.requests import Document


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
