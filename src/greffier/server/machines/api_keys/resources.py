"""What API keys look like on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from greffier.server.machines.tables import ApiKeyRow

TYPE = "api_key"
Type = Annotated[str, msgspec.Meta(min_length=3, max_length=25)]
Name = Annotated[str, msgspec.Meta(min_length=3, max_length=255, pattern=r"^\S(.*\S)?\Z")]
Description = Annotated[str, msgspec.Meta(max_length=255)]
Scopes = Annotated[list[Annotated[str, msgspec.Meta(max_length=255)]], msgspec.Meta(max_length=100)]
Reason = Annotated[str, msgspec.Meta(max_length=255)]
Lifetime = Annotated[float, msgspec.Meta(gt=0, le=3_153_600_000)]
"""Seconds; a hundred years at most."""
Subject = Annotated[str, msgspec.Meta(pattern=r"^(user|org|mch|scim)_\w{27}\Z")]


class ApiKey(msgspec.Struct, kw_only=True):
    """Both faces say the same of a key."""

    object: Literal["api_key"] = "api_key"
    id: str
    type: str
    subject: str
    name: str
    description: str | None
    claims: Any
    scopes: list[str]
    revoked: bool
    revocation_reason: str | None
    expired: bool
    expiration: int | None
    created_by: str | None
    last_used_at: int | None
    created_at: int
    updated_at: int


class NewApiKey(ApiKey, kw_only=True):
    """The only answer that shows the key itself without being asked for it."""

    secret: str


class ApiKeySecret(msgspec.Struct):
    secret: str


class DeletedApiKey(msgspec.Struct, kw_only=True):
    id: str
    object: Literal["api_key"] = "api_key"
    deleted: Literal[True] = True


class OwnApiKeyRequest(msgspec.Struct, kw_only=True):
    """What users say of a key of theirs."""

    type: Type = TYPE
    name: Name
    description: Description | None = None
    subject: Subject
    seconds_until_expiration: Lifetime | None = None


class ApiKeyRequest(OwnApiKeyRequest, kw_only=True):
    """What an application's backend may say besides."""

    claims: Any = None
    scopes: Scopes = []
    created_by: str | None = None


class OwnApiKeyPatch(msgspec.Struct, kw_only=True):
    description: Description | msgspec.UnsetType | None = msgspec.UNSET


class ApiKeyPatch(OwnApiKeyPatch, kw_only=True):
    """What is absent stays; a lifetime counts from now, and null is for ever."""

    claims: Any = msgspec.UNSET
    scopes: Scopes | msgspec.UnsetType = msgspec.UNSET
    subject: Subject | msgspec.UnsetType = msgspec.UNSET
    seconds_until_expiration: Lifetime | msgspec.UnsetType | None = msgspec.UNSET


class RevocationRequest(msgspec.Struct, kw_only=True):
    revocation_reason: Reason | None = None


class VerificationRequest(msgspec.Struct, kw_only=True):
    """SDKs name what they verify by one of these, whatever it is."""

    secret: str | None = None
    token: str | None = None
    access_token: str | None = None


class ApiKeyQuery(msgspec.Struct, kw_only=True):
    """Contract: the query of `getApiKeys`, whose numbers may be written with a fraction, as in Python."""

    type: Annotated[str, msgspec.Meta(min_length=3)] = TYPE
    subject: Subject
    include_invalid: bool = False
    limit: Annotated[float, msgspec.Meta(ge=1, le=100)] = 10
    offset: Annotated[float, msgspec.Meta(ge=0, le=2**31 - 1)] | None = None
    query: str | None = None


def api_key(row: ApiKeyRow, now: int) -> ApiKey:
    return ApiKey(**_shown(row, now))


def new_api_key(row: ApiKeyRow, secret: str, now: int) -> NewApiKey:
    return NewApiKey(**_shown(row, now), secret=secret)


def _shown(row: ApiKeyRow, now: int) -> dict[str, Any]:
    same = {
        name: getattr(row, name) for name in ApiKey.__struct_fields__ if name in ApiKeyRow.__struct_fields__
    }
    expired = row.expire_at is not None and row.expire_at <= now
    return same | {"expired": expired, "expiration": row.expire_at}
