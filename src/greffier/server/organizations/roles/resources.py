"""Roles and permissions on the wire."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.organizations.roles.system_permissions import ADMINISTRATOR_PERMISSIONS
from greffier.server.organizations.tables import PermissionRow, RoleRow


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
        is_creator_eligible=set(ADMINISTRATOR_PERMISSIONS) <= {one.key for one in permissions},
        permissions=[permission(one) for one in permissions],
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
