"""Tables of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.store.sealing import sealed_text
from greffier.server.store.statements import Row
from greffier.server.store.tables import (
    boolean,
    id_column,
    instance_column,
    integer,
    json,
    metadata,
    millis,
    text,
)


def _machine_column(name: str = "machine_id") -> sa.Column[str]:
    """A column that refers to a machine; the row is deleted with it."""
    return sa.Column(name, sa.Text, sa.ForeignKey("machines.id", ondelete="CASCADE"), nullable=False)


machines = sa.Table(
    "machines",
    metadata,
    id_column(),
    instance_column(),
    text("name"),
    integer("default_token_ttl"),
    millis("created_at"),
    millis("updated_at"),
    sa.Index("ix_machines_instance", "instance_id", "created_at"),
)


class MachineRow(Row, frozen=True):
    """A service of an application. `default_token_ttl` is in seconds."""

    id: str
    instance_id: str
    name: str
    default_token_ttl: int
    created_at: int
    updated_at: int


machine_secret_keys = sa.Table(
    "machine_secret_keys",
    metadata,
    id_column(),
    instance_column(),
    _machine_column(),
    text("key_hash", unique=True),
    sealed_text("secret", null=True),
    millis("expire_at", null=True),
    millis("created_at"),
    sa.Index("ix_machine_secret_keys_machine", "machine_id"),
)


class MachineSecretKeyRow(Row, frozen=True):
    id: str
    instance_id: str
    machine_id: str
    key_hash: str
    secret: str | None
    """The key itself, sealed, because it is shown again on request; `None` once another one has taken its
    place."""
    expire_at: int | None
    """A key that was rotated works until then."""
    created_at: int


machine_scopes = sa.Table(
    "machine_scopes",
    metadata,
    id_column(),
    instance_column(),
    _machine_column("from_machine_id"),
    _machine_column("to_machine_id"),
    millis("created_at"),
    sa.UniqueConstraint("from_machine_id", "to_machine_id"),
    sa.Index("ix_machine_scopes_to", "to_machine_id"),
)


class MachineScopeRow(Row, frozen=True):
    """One machine may reach another; nothing is said of the other direction."""

    id: str
    instance_id: str
    from_machine_id: str
    to_machine_id: str
    created_at: int


m2m_tokens = sa.Table(
    "m2m_tokens",
    metadata,
    id_column(),
    instance_column(),
    _machine_column(),
    text("token_hash", unique=True),
    json("claims", null=True),
    json("scopes"),
    text("content_hash"),
    boolean("revoked"),
    text("revocation_reason", null=True),
    millis("expire_at"),
    millis("last_used_at", null=True),
    millis("created_at"),
    millis("updated_at"),
    sa.Index("ix_m2m_tokens_machine", "machine_id", "created_at"),
    sa.Index("ix_m2m_tokens_content", "machine_id", "content_hash", "expire_at"),
    sa.Index("ix_m2m_tokens_expiry", "instance_id", "expire_at", "id"),
)


class M2mTokenRow(Row, frozen=True):
    """An opaque token; those in the form of a JWT are kept nowhere."""

    id: str
    instance_id: str
    machine_id: str
    token_hash: str
    claims: Any
    scopes: list[str]
    """The machines that could be reached when it was made."""
    content_hash: str
    """Of claims and scopes: a token that says the same can be handed out again."""
    revoked: bool
    revocation_reason: str | None
    expire_at: int
    last_used_at: int | None
    created_at: int
    updated_at: int


api_keys = sa.Table(
    "api_keys",
    metadata,
    id_column(),
    instance_column(),
    text("type"),
    text("name"),
    text("description", null=True),
    text("subject"),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=True),
    json("claims", null=True),
    json("scopes"),
    sealed_text("secret", null=True),
    text("secret_hash", unique=True),
    boolean("revoked"),
    text("revocation_reason", null=True),
    millis("expire_at", null=True),
    text("created_by", null=True),
    millis("last_used_at", null=True),
    millis("created_at"),
    millis("updated_at"),
    sa.Column(
        "organization_id", sa.Text, sa.ForeignKey("organizations.id", ondelete="CASCADE"), nullable=True
    ),
    sa.Index("ix_api_keys_subject", "subject", "created_at"),
    sa.Index("ix_api_keys_user", "user_id"),
    sa.Index("ix_api_keys_organization", "organization_id"),
)


class ApiKeyRow(Row, frozen=True):
    """A secret with which a program acts for its subject."""

    id: str
    instance_id: str
    type: str
    name: str
    description: str | None
    subject: str
    """The user or organization that the key acts for."""
    user_id: str | None
    """The subject if it is a user: the key is deleted with the user."""
    claims: Any
    scopes: list[str]
    secret: str | None
    """The key itself, sealed, because it is shown again on request; `None` once it is revoked."""
    secret_hash: str
    revoked: bool
    revocation_reason: str | None
    expire_at: int | None
    created_by: str | None
    last_used_at: int | None
    created_at: int
    updated_at: int
    organization_id: str | None
