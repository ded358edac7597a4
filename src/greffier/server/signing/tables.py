"""Tables of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import id_column, instance_column, json, metadata, millis, text

signing_keys = sa.Table(
    "signing_keys",
    metadata,
    id_column(),
    instance_column(),
    text("kid", unique=True),
    text("private_pem"),
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
    public_jwk: dict[str, Any]
    sign_from: int
    """A new key is published for a while before it signs, so that nobody meets it unprepared."""
    publish_until: int | None
    """A key that was rotated stays in the JWKS until then."""
    created_at: int
