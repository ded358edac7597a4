"""Tables of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import (
    boolean,
    id_column,
    instance_column,
    integer,
    json,
    metadata,
    millis,
    shown_in_client,
    text,
)

users = sa.Table(
    "users",
    metadata,
    id_column(),
    instance_column(),
    text("external_id", null=True),
    text("username", null=True),
    text("first_name", null=True),
    text("last_name", null=True),
    text("locale", null=True),
    text("image_id", null=True),
    text("password_digest", null=True),
    millis("password_updated_at", null=True),
    json("public_metadata"),
    json("private_metadata"),
    json("unsafe_metadata"),
    boolean("banned"),
    boolean("locked"),
    millis("lockout_expires_at", null=True),
    integer("failed_attempts"),
    boolean("delete_self_enabled"),
    boolean("create_organization_enabled"),
    integer("create_organizations_limit", null=True),
    boolean("bypass_client_trust"),
    millis("legal_accepted_at", null=True),
    millis("last_sign_in_at", null=True),
    millis("last_active_at", null=True),
    millis("created_at"),
    millis("updated_at"),
    millis("password_compromised_at", null=True),
    millis("totp_enabled_at", null=True),
    millis("backup_codes_enabled_at", null=True),
    millis("mfa_enabled_at", null=True),
    millis("mfa_disabled_at", null=True),
    millis("passkeys_enabled_at", null=True),
    millis("phone_factor_enabled_at", null=True),
    json("client_failures", null=True),
    sa.UniqueConstraint("instance_id", "external_id"),
    sa.UniqueConstraint("instance_id", "username"),
    sa.Index("ix_users_created", "instance_id", "created_at", "id"),
    info=shown_in_client("id"),
)


class UserRow(Row, frozen=True):
    """`locked` without `lockout_expires_at` lasts until an administrator unlocks. `failed_attempts` counts
    since the last success. `password_compromised_at`: the password is not accepted any more, and the user
    must choose another. `totp_enabled_at`, `phone_factor_enabled_at` and `backup_codes_enabled_at`: whether
    there are such; what they are is in `second_factors/`. `mfa_enabled_at` and `mfa_disabled_at` are the last
    times of either. `passkeys_enabled_at`: there are registered passkeys. `client_failures`: failed attempts
    since the last success, by clients on which the user has signed in before.
    """

    id: str
    instance_id: str
    external_id: str | None
    username: str | None
    first_name: str | None
    last_name: str | None
    locale: str | None
    image_id: str | None
    password_digest: str | None
    password_updated_at: int | None
    public_metadata: dict[str, Any]
    private_metadata: dict[str, Any]
    unsafe_metadata: dict[str, Any]
    banned: bool
    locked: bool
    lockout_expires_at: int | None
    failed_attempts: int
    delete_self_enabled: bool
    create_organization_enabled: bool
    create_organizations_limit: int | None
    bypass_client_trust: bool
    legal_accepted_at: int | None
    last_sign_in_at: int | None
    last_active_at: int | None
    created_at: int
    updated_at: int
    password_compromised_at: int | None = None
    totp_enabled_at: int | None = None
    backup_codes_enabled_at: int | None = None
    mfa_enabled_at: int | None = None
    mfa_disabled_at: int | None = None
    passkeys_enabled_at: int | None = None
    phone_factor_enabled_at: int | None = None
    client_failures: dict[str, int] | None = None


user_images = sa.Table(
    "user_images",
    metadata,
    id_column(),
    instance_column(),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    millis("created_at"),
    sa.Index("ix_user_images_user", "user_id"),
)


class UserImageRow(Row, frozen=True):
    """A profile image as it is served: WebP, written by this server."""

    id: str
    instance_id: str
    user_id: str
    content: bytes
    created_at: int
