"""API keys on the wire."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.server.machines.tables import ApiKeyRow


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
