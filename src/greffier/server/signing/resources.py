"""JWT templates on the wire. Their keys are accepted and never returned."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.server.signing.tables import JwtTemplateRow

DEFAULT_LIFETIME = 60
"""Seconds."""
DEFAULT_CLOCK_SKEW = 5
"""Seconds."""


class JwtTemplate(msgspec.Struct, kw_only=True):
    """Contract: `JWTTemplate`."""

    object: Literal["jwt_template"] = "jwt_template"
    id: str
    name: str
    claims: dict[str, Any]
    lifetime: int
    allowed_clock_skew: int
    custom_signing_key: bool
    signing_algorithm: str
    created_at: int
    updated_at: int


class DeletedJwtTemplate(msgspec.Struct, kw_only=True):
    """Contract: `DeletedObject`."""

    object: Literal["jwt_template"] = "jwt_template"
    id: str
    deleted: bool = True


def jwt_template(row: JwtTemplateRow) -> JwtTemplate:
    return JwtTemplate(
        id=row.id,
        name=row.name,
        claims=row.claims,
        lifetime=row.lifetime,
        allowed_clock_skew=row.allowed_clock_skew,
        custom_signing_key=row.signing_key is not None,
        signing_algorithm=row.signing_algorithm or "RS256",
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
