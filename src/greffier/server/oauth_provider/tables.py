"""Tables of this room. Codes, tokens and client secrets are kept as digests only."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import (
    boolean,
    id_column,
    instance_column,
    json,
    metadata,
    millis,
    text,
)


def _application_column() -> sa.Column[str]:
    """A column that refers to an application; the row is deleted with it."""
    return sa.Column(
        "application_id",
        sa.Text,
        sa.ForeignKey("oauth_applications.id", ondelete="CASCADE"),
        nullable=False,
    )


def _user_column() -> sa.Column[str]:
    return sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False)


oauth_applications = sa.Table(
    "oauth_applications",
    metadata,
    id_column(),
    instance_column(),
    text("name"),
    text("client_id", unique=True),
    text("client_secret_hash", null=True),
    text("client_uri", null=True),
    text("logo_uri", null=True),
    text("logo_id", null=True),
    boolean("dynamically_registered"),
    boolean("consent_screen_enabled"),
    boolean("pkce_required"),
    boolean("public"),
    json("scopes"),
    json("redirect_uris"),
    millis("created_at"),
    millis("updated_at"),
    sa.Index("ix_oauth_applications_created", "instance_id", "created_at", "id"),
)


class OAuthApplicationRow(Row, frozen=True):
    """A client of this provider (RFC 6749 section 2). `logo_uri` is a picture elsewhere, `logo_id` one that
    is kept here. A public client has no secret."""

    id: str
    instance_id: str
    name: str
    client_id: str
    client_secret_hash: str | None
    client_uri: str | None
    logo_uri: str | None
    logo_id: str | None
    dynamically_registered: bool
    consent_screen_enabled: bool
    pkce_required: bool
    public: bool
    scopes: list[str]
    redirect_uris: list[str]
    created_at: int
    updated_at: int


oauth_application_logos = sa.Table(
    "oauth_application_logos",
    metadata,
    id_column(),
    instance_column(),
    _application_column(),
    sa.Column("content", sa.LargeBinary, nullable=False),
    millis("created_at"),
    sa.Index("ix_oauth_application_logos_application", "application_id"),
)


class OAuthApplicationLogoRow(Row, frozen=True):
    """A logo as it is served: WebP, written by this server."""

    id: str
    instance_id: str
    application_id: str
    content: bytes
    created_at: int


oauth_consents = sa.Table(
    "oauth_consents",
    metadata,
    id_column(),
    instance_column(),
    _application_column(),
    _user_column(),
    json("scopes"),
    millis("created_at"),
    millis("updated_at"),
    sa.UniqueConstraint("application_id", "user_id"),
    sa.Index("ix_oauth_consents_user", "user_id"),
)


class OAuthConsentRow(Row, frozen=True):
    """The scopes that a user has allowed an application until withdrawn."""

    id: str
    instance_id: str
    application_id: str
    user_id: str
    scopes: list[str]
    created_at: int
    updated_at: int


oauth_grants = sa.Table(
    "oauth_grants",
    metadata,
    id_column(),
    instance_column(),
    _application_column(),
    _user_column(),
    json("scopes"),
    text("code_hash", unique=True),
    millis("code_expire_at"),
    millis("code_used_at", null=True),
    text("redirect_uri", null=True),
    text("code_challenge", null=True),
    text("nonce", null=True),
    text("resource", null=True),
    millis("authenticated_at"),
    boolean("revoked"),
    text("revocation_reason", null=True),
    millis("created_at"),
    millis("updated_at"),
    sa.Index("ix_oauth_grants_application", "application_id", "user_id"),
    sa.Index("ix_oauth_grants_user", "user_id"),
    sa.Index("ix_oauth_grants_code_expire", "instance_id", "code_expire_at", "id"),
)


class OAuthGrantRow(Row, frozen=True):
    """One authorization: its code, and the common attributes of its tokens.

    `redirect_uri` is absent where the request named none. `authenticated_at` is when the user last
    authenticated. `resource` is the API that its tokens are for. All of its tokens end when it is `revoked`.
    """

    id: str
    instance_id: str
    application_id: str
    user_id: str
    scopes: list[str]
    code_hash: str
    code_expire_at: int
    code_used_at: int | None
    redirect_uri: str | None
    code_challenge: str | None
    nonce: str | None
    resource: str | None
    authenticated_at: int
    revoked: bool
    revocation_reason: str | None
    created_at: int
    updated_at: int


oauth_tokens = sa.Table(
    "oauth_tokens",
    metadata,
    id_column(),
    instance_column(),
    sa.Column("grant_id", sa.Text, sa.ForeignKey("oauth_grants.id", ondelete="CASCADE"), nullable=False),
    text("kind"),
    text("token_hash", unique=True),
    text("parent_id", null=True),
    json("scopes"),
    text("resource", null=True),
    millis("used_at", null=True),
    millis("expire_at"),
    millis("created_at"),
    millis("updated_at"),
    sa.Index("ix_oauth_tokens_grant", "grant_id"),
    sa.Index("ix_oauth_tokens_parent", "parent_id"),
    sa.Index("ix_oauth_tokens_expire", "instance_id", "expire_at", "id"),
)


class OAuthTokenRow(Row, frozen=True):
    """A token of a grant. `kind` is `access` (opaque), `jwt` (an access token too) or `refresh`; `used_at` is
    when a refresh token was exchanged for the next one, and `parent_id` the refresh token that was exchanged
    for this one."""

    id: str
    instance_id: str
    grant_id: str
    kind: str
    token_hash: str
    parent_id: str | None
    scopes: list[str]
    resource: str | None
    used_at: int | None
    expire_at: int
    created_at: int
    updated_at: int
