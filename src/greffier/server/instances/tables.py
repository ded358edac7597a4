"""Tables of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.store.sealing import sealed_text
from greffier.server.store.statements import Row
from greffier.server.store.tables import boolean, id_column, instance_column, json, metadata, millis, text

instances = sa.Table(
    "instances",
    metadata,
    id_column(),
    text("environment"),
    text("publishable_key", unique=True),
    text("frontend_api_host", unique=True),
    text("domain", null=True),
    sealed_text("code_key"),
    json("settings"),
    millis("created_at"),
    millis("updated_at"),
)


class InstanceRow(Row, frozen=True):
    id: str
    environment: str
    publishable_key: str
    frontend_api_host: str
    domain: str | None
    code_key: str
    settings: dict[str, Any]
    created_at: int
    updated_at: int


instance_hosts = sa.Table(
    "instance_hosts",
    metadata,
    id_column(),
    instance_column(),
    text("host", unique=True),
    millis("created_at"),
    text("satellite_domain", null=True),
    text("proxy_url", null=True),
)
"""Hosts besides the one in the publishable key at which an instance answers: more of its primary domain, and
those of its satellite domains."""


class InstanceHostRow(Row, frozen=True):
    id: str
    instance_id: str
    host: str
    created_at: int
    satellite_domain: str | None = None
    """The satellite whose Frontend API this host is; `None`: the primary domain's."""
    proxy_url: str | None = None
    """The URL of the satellite's application, whose requests for this host are proxied."""


secret_keys = sa.Table(
    "secret_keys",
    metadata,
    id_column(),
    instance_column(),
    text("key_hash", unique=True),
    text("last_four"),
    boolean("revoked"),
    millis("expire_at", null=True),
    millis("created_at"),
)


class SecretKeyRow(Row, frozen=True):
    id: str
    instance_id: str
    key_hash: str
    last_four: str
    revoked: bool
    expire_at: int | None
    """A key that was rotated works until then."""
    created_at: int
