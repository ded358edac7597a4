"""Requests about organizations."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET

from greffier.server.users.requests import Document, Moment

Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class OrganizationFields(msgspec.Struct, kw_only=True):
    """The fields of an organization that a member may set. Contract: the bodies of the Frontend API's
    `createOrganization` and `updateOrganization`.
    """

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


class SettingsPatch(msgspec.Struct, kw_only=True):
    """Contract: the body of `UpdateInstanceOrganizationSettings`; null is as absent."""

    enabled: bool | None = None
    max_allowed_memberships: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] | None = None
    admin_delete_enabled: bool | None = None
    slug_disabled: bool | None = None
    creator_role_id: str | None = None
    domains_enabled: bool | None = None
    domains_enrollment_modes: list[str] = []
    domains_default_role_id: str | None = None
