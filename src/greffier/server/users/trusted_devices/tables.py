"""Tables of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import id_column, instance_column, json, metadata, millis, text

trusted_devices = sa.Table(
    "trusted_devices",
    metadata,
    id_column(),
    instance_column(),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    text("platform"),
    text("app_identifier"),
    text("name", null=True),
    json("public_key"),
    text("thumbprint"),
    millis("last_used_at", null=True),
    millis("created_at"),
    millis("updated_at"),
    sa.UniqueConstraint("instance_id", "thumbprint"),
    sa.Index("ix_trusted_devices_user", "user_id"),
)


class TrustedDeviceRow(Row, frozen=True):
    """A key that stays in a device of the user. One that is revoked is deleted."""

    id: str
    instance_id: str
    user_id: str
    platform: str
    """`ios` or `android`."""
    app_identifier: str
    name: str | None
    public_key: dict[str, Any]
    """As a JWK (RFC 7517), of the curve P-256."""
    thumbprint: str
    """Of the key (RFC 7638): a key is enrolled once."""
    last_used_at: int | None
    created_at: int
    updated_at: int
