"""Requests about roles and permissions."""

from __future__ import annotations

import msgspec
from msgspec import UNSET


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
