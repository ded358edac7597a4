"""Requests about API keys."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

TYPE = "api_key"
Type = Annotated[str, msgspec.Meta(min_length=3, max_length=25)]
Name = Annotated[str, msgspec.Meta(min_length=3, max_length=255, pattern=r"^\S(.*\S)?\Z")]
Description = Annotated[str, msgspec.Meta(max_length=255)]
Scopes = Annotated[list[Annotated[str, msgspec.Meta(max_length=255)]], msgspec.Meta(max_length=100)]
Lifetime = Annotated[float, msgspec.Meta(gt=0, le=3_153_600_000)]
"""Seconds; a hundred years at most."""
Subject = Annotated[str, msgspec.Meta(pattern=r"^(user|org|mch|scim)_\w{27}\Z")]


class OwnApiKeyRequest(msgspec.Struct, kw_only=True):
    """The fields of a key that users may set."""

    type: Type = TYPE
    name: Name
    description: Description | None = None
    subject: Subject
    seconds_until_expiration: Lifetime | None = None


class ApiKeyRequest(OwnApiKeyRequest, kw_only=True):
    """The additional fields that an application's backend may set."""

    claims: Any = None
    scopes: Scopes = []
    created_by: str | None = None


class OwnApiKeyPatch(msgspec.Struct, kw_only=True):
    description: Description | msgspec.UnsetType | None = msgspec.UNSET


class ApiKeyPatch(OwnApiKeyPatch, kw_only=True):
    """Absent fields stay; a lifetime counts from now, and null is for ever."""

    claims: Any = msgspec.UNSET
    scopes: Scopes | msgspec.UnsetType = msgspec.UNSET
    subject: Subject | msgspec.UnsetType = msgspec.UNSET
    seconds_until_expiration: Lifetime | msgspec.UnsetType | None = msgspec.UNSET


class ApiKeyQuery(msgspec.Struct, kw_only=True):
    """Contract: the query of `getApiKeys`, whose numbers may be written with a fraction, as in Python."""

    type: Annotated[str, msgspec.Meta(min_length=3)] = TYPE
    subject: Subject
    include_invalid: bool = False
    limit: Annotated[float, msgspec.Meta(ge=1, le=100)] = 10
    offset: Annotated[float, msgspec.Meta(ge=0, le=2**31 - 1)] | None = None
    query: str | None = None


class ApiKeyRevocationRequest(msgspec.Struct, kw_only=True):
    """The reason is shorter than that of M2M tokens."""

    revocation_reason: Annotated[str, msgspec.Meta(max_length=255)] | None = None
