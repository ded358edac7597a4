"""Tables of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import boolean, id_column, instance_column, json, metadata, millis, text

clients = sa.Table(
    "clients",
    metadata,
    id_column(),
    instance_column(),
    text("secret_hash"),
    millis("secret_since"),
    boolean("rotation_due"),
    text("last_authentication_strategy", null=True),
    boolean("deleted"),
    millis("created_at"),
    millis("updated_at"),
    sa.Index("ix_clients_created", "instance_id", "created_at", "id"),
)


class ClientRow(Row, frozen=True):
    """`secret_hash` is of the secret in the `__client` cookie, which rotates at sign-in. `rotation_due`: this
    client was signed in from another browser, so that its secret rotates with its next request."""

    id: str
    instance_id: str
    secret_hash: str
    secret_since: int
    rotation_due: bool
    last_authentication_strategy: str | None
    deleted: bool
    created_at: int
    updated_at: int


former_secrets = sa.Table(
    "former_client_secrets",
    metadata,
    id_column(),
    instance_column(),
    sa.Column("client_id", sa.Text, sa.ForeignKey("clients.id", ondelete="CASCADE"), nullable=False),
    text("secret_hash"),
    millis("replaced_at"),
    sa.Index("ix_former_client_secrets_hash", "client_id", "secret_hash"),
    sa.Index("ix_former_client_secrets_replaced", "instance_id", "replaced_at", "id"),
)


class FormerSecretRow(Row, frozen=True):
    """A secret that was rotated away: readable for a moment, and afterwards a sign of theft."""

    id: str
    instance_id: str
    client_id: str
    secret_hash: str
    replaced_at: int


dev_browsers = sa.Table(
    "dev_browsers",
    metadata,
    id_column(),
    instance_column(),
    text("token_hash", unique=True),
    text("client_id", null=True),
    millis("created_at"),
    sa.Index("ix_dev_browsers_created", "instance_id", "created_at", "id"),
)


class DevBrowserRow(Row, frozen=True):
    """A browser of a developer, identified by `__clerk_db_jwt` where cookies of another site do not reach."""

    id: str
    instance_id: str
    token_hash: str
    client_id: str | None
    created_at: int


handshake_payloads = sa.Table(
    "handshake_payloads",
    metadata,
    id_column(),
    instance_column(),
    text("nonce_hash", unique=True),
    json("directives"),
    millis("expire_at"),
    sa.Index("ix_handshake_payloads_expire", "instance_id", "expire_at", "id"),
)


class HandshakePayloadRow(Row, frozen=True):
    id: str
    instance_id: str
    nonce_hash: str
    directives: list[Any]
    expire_at: int


satellite_secrets = sa.Table(
    "satellite_client_secrets",
    metadata,
    id_column(),
    instance_column(),
    sa.Column("client_id", sa.Text, sa.ForeignKey("clients.id", ondelete="CASCADE"), nullable=False),
    text("domain"),
    text("secret_hash"),
    millis("created_at"),
    sa.Index("ix_satellite_client_secrets_hash", "client_id", "secret_hash"),
)


class SatelliteSecretRow(Row, frozen=True):
    """Of the secret in the `__client` cookie of a satellite domain."""

    id: str
    instance_id: str
    client_id: str
    domain: str
    secret_hash: str
    created_at: int


satellite_links = sa.Table(
    "satellite_links",
    metadata,
    id_column(),
    instance_column(),
    text("token_hash", unique=True),
    text("state_hash"),
    text("domain"),
    text("client_id", null=True),
    text("redirect_url"),
    boolean("used"),
    millis("created_at"),
    millis("expire_at"),
    sa.Index("ix_satellite_links_expire", "instance_id", "expire_at"),
)


class SatelliteLinkRow(Row, frozen=True):
    """A hand-over from the primary domain to a satellite. `client_id` is absent when signed out."""

    id: str
    instance_id: str
    token_hash: str
    state_hash: str
    domain: str
    client_id: str | None
    redirect_url: str
    used: bool
    created_at: int
    expire_at: int
