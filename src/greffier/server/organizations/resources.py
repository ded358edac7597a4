"""Organizations on the wire."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from greffier.server.organizations.tables import OrganizationRow
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


def organization_fields(ctx: Context, row: OrganizationRow) -> dict[str, Any]:
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
    """Args: invited: the number of invitations, where it is shown."""
    return FrontendOrganization(
        **organization_fields(ctx, row), members_count=members_count, pending_invitations_count=invited
    )


def backend_organization(
    ctx: Context,
    row: OrganizationRow,
    *,
    members_count: int | None = None,
    missing_administrator: bool | None = None,
) -> BackendOrganization:
    """Args: members_count, missing_administrator: included on request."""
    return BackendOrganization(
        **organization_fields(ctx, row),
        private_metadata=row.private_metadata,
        created_by=UNSET if row.created_by is None else row.created_by,
        members_count=UNSET if members_count is None else members_count,
        missing_member_with_elevated_permissions=(
            UNSET if missing_administrator is None else missing_administrator
        ),
    )
