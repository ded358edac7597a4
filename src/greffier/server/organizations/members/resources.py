"""Memberships on the wire."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from greffier.server.organizations.members.queries import Membership
from greffier.server.organizations.resources import (
    BackendOrganization,
    FrontendOrganization,
    backend_organization,
    frontend_organization,
)
from greffier.server.users.resources import PublicUserData
from greffier.server.web.context import Context


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
