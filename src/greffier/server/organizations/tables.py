"""Tables of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import (
    boolean,
    id_column,
    instance_column,
    integer,
    json,
    metadata,
    millis,
    shown_in_client,
    text,
)


def _part_of(table: str, column: str, *, name: str | None = None) -> sa.Column[str]:
    """A column that refers to that table; the row is deleted with the other. `name`: where the usual one of
    the foreign key is longer than the 63 bytes of PostgreSQL.
    """
    key = sa.ForeignKey(f"{table}.id", ondelete="CASCADE", name=name)
    return sa.Column(column, sa.Text, key, nullable=False)


organizations = sa.Table(
    "organizations",
    metadata,
    id_column(),
    instance_column(),
    text("name"),
    text("slug"),
    text("image_id", null=True),
    text("created_by", null=True),
    integer("max_allowed_memberships"),
    boolean("admin_delete_enabled"),
    json("public_metadata"),
    json("private_metadata"),
    millis("created_at"),
    millis("updated_at"),
    sa.UniqueConstraint("instance_id", "slug"),
    sa.Index("ix_organizations_created", "instance_id", "created_at", "id"),
    sa.Index("ix_organizations_creator", "instance_id", "created_by"),
    info=shown_in_client(),
)


class OrganizationRow(Row, frozen=True):
    """A group of users, such as a customer of the application."""

    id: str
    instance_id: str
    name: str
    slug: str
    image_id: str | None
    created_by: str | None
    """The creator, who may be gone since."""
    max_allowed_memberships: int
    """0: any number."""
    admin_delete_enabled: bool
    public_metadata: dict[str, Any]
    private_metadata: dict[str, Any]
    created_at: int
    updated_at: int


organization_logos = sa.Table(
    "organization_logos",
    metadata,
    id_column(),
    instance_column(),
    _part_of("organizations", "organization_id"),
    sa.Column("content", sa.LargeBinary, nullable=False),
    millis("created_at"),
    sa.Index("ix_organization_logos_organization", "organization_id"),
)


class OrganizationLogoRow(Row, frozen=True):
    """A logo as it is served: WebP, written by this server."""

    id: str
    instance_id: str
    organization_id: str
    content: bytes
    created_at: int


organization_roles = sa.Table(
    "organization_roles",
    metadata,
    id_column(),
    instance_column(),
    text("key"),
    text("name"),
    text("description", null=True),
    millis("created_at"),
    millis("updated_at"),
    sa.UniqueConstraint("instance_id", "key"),
    info=shown_in_client(),
)


class RoleRow(Row, frozen=True):
    """A role of members in organizations of the instance, such as `org:admin`."""

    id: str
    instance_id: str
    key: str
    name: str
    description: str | None
    created_at: int
    updated_at: int


organization_permissions = sa.Table(
    "organization_permissions",
    metadata,
    id_column(),
    instance_column(),
    text("key"),
    text("name"),
    text("description", null=True),
    text("type"),
    millis("created_at"),
    millis("updated_at"),
    sa.UniqueConstraint("instance_id", "key"),
    info=shown_in_client(),
)


class PermissionRow(Row, frozen=True):
    """A permission of roles. Those of the type `system` decide about this server's own operations, those of
    the type `user` are the application's.
    """

    id: str
    instance_id: str
    key: str
    name: str
    description: str | None
    type: str
    created_at: int
    updated_at: int


organization_role_permissions = sa.Table(
    "organization_role_permissions",
    metadata,
    id_column(),
    instance_column(),
    _part_of("organization_roles", "role_id"),
    _part_of(
        "organization_permissions", "permission_id", name="fk_organization_role_permissions_permission_id"
    ),
    millis("created_at"),
    sa.UniqueConstraint("role_id", "permission_id"),
    sa.Index("ix_organization_role_permissions_permission", "permission_id"),
    info=shown_in_client(),
)


class RolePermissionRow(Row, frozen=True):
    id: str
    instance_id: str
    role_id: str
    permission_id: str
    created_at: int


organization_memberships = sa.Table(
    "organization_memberships",
    metadata,
    id_column(),
    instance_column(),
    _part_of("organizations", "organization_id"),
    _part_of("users", "user_id"),
    # A role that a member has cannot be deleted.
    sa.Column("role_id", sa.Text, sa.ForeignKey("organization_roles.id"), nullable=False),
    json("public_metadata"),
    json("private_metadata"),
    millis("created_at"),
    millis("updated_at"),
    sa.UniqueConstraint("organization_id", "user_id"),
    # The instance too: otherwise SQLite prefers the last index, which is already in the order of a list.
    sa.Index("ix_organization_memberships_user", "user_id", "instance_id", "created_at", "id"),
    sa.Index(
        "ix_organization_memberships_organization", "organization_id", "instance_id", "created_at", "id"
    ),
    sa.Index("ix_organization_memberships_role", "role_id"),
    sa.Index("ix_organization_memberships_created", "instance_id", "created_at", "id"),
    info=shown_in_client(),
)


class OrganizationMembershipRow(Row, frozen=True):
    """A user is a member of an organization, in one role."""

    id: str
    instance_id: str
    organization_id: str
    user_id: str
    role_id: str
    public_metadata: dict[str, Any]
    private_metadata: dict[str, Any]
    created_at: int
    updated_at: int


organization_invitations = sa.Table(
    "organization_invitations",
    metadata,
    id_column(),
    instance_column(),
    _part_of("organizations", "organization_id"),
    _part_of("organization_roles", "role_id"),
    text("email_address"),
    text("canonical"),
    text("inviter_id", null=True),
    text("status"),
    json("public_metadata"),
    json("private_metadata"),
    text("redirect_url", null=True),
    millis("expire_at"),
    millis("created_at"),
    millis("updated_at"),
    sa.Index("ix_organization_invitations_organization", "organization_id", "instance_id", "created_at"),
    sa.Index("ix_organization_invitations_canonical", "canonical", "instance_id", "created_at"),
    sa.Index("ix_organization_invitations_role", "role_id", "instance_id"),
    sa.Index("ix_organization_invitations_created", "instance_id", "created_at"),
)


class OrganizationInvitationRow(Row, frozen=True):
    """The invited address, and its role once accepted. `status` is `pending`, `accepted` or `revoked`;
    whether a pending one has expired, the clock says.
    """

    id: str
    instance_id: str
    organization_id: str
    role_id: str
    email_address: str
    canonical: str
    inviter_id: str | None
    """The member who invites, who may be gone since; `None`: the application itself."""
    status: str
    public_metadata: dict[str, Any]
    private_metadata: dict[str, Any]
    redirect_url: str | None
    expire_at: int
    created_at: int
    updated_at: int
