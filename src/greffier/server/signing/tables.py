"""Tables of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.store.sealing import sealed_text
from greffier.server.store.statements import Row
from greffier.server.store.tables import id_column, instance_column, integer, json, metadata, millis, text

signing_keys = sa.Table(
    "signing_keys",
    metadata,
    id_column(),
    instance_column(),
    text("kid", unique=True),
    sealed_text("private_pem"),
    json("public_jwk"),
    millis("sign_from"),
    millis("publish_until", null=True),
    millis("created_at"),
)


class SigningKeyRow(Row, frozen=True):
    id: str
    instance_id: str
    kid: str
    private_pem: str
    """Sealed."""
    public_jwk: dict[str, Any]
    sign_from: int
    """A new key is published for a while before it signs, so that every verifier knows it by then."""
    publish_until: int | None
    """A key that was rotated stays in the JWKS until then."""
    created_at: int


jwt_templates = sa.Table(
    "jwt_templates",
    metadata,
    id_column(),
    instance_column(),
    text("name"),
    json("claims"),
    integer("lifetime"),
    integer("allowed_clock_skew"),
    text("signing_algorithm", null=True),
    sealed_text("signing_key", null=True),
    millis("created_at"),
    millis("updated_at"),
    sa.UniqueConstraint("instance_id", "name"),
)


class JwtTemplateRow(Row, frozen=True):
    """Tokens for another service. Lifetime and skew are seconds."""

    id: str
    instance_id: str
    name: str
    claims: dict[str, Any]
    lifetime: int
    allowed_clock_skew: int
    signing_algorithm: str | None
    """With a key of its own; absent, the instance's key signs."""
    signing_key: str | None
    """A secret (HS*) or a private key in PEM (RS*, ES*), sealed. It never leaves this table but to sign."""
    created_at: int
    updated_at: int
