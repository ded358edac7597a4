"""Applications on the wire of the Backend API."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.server.oauth_provider.scopes import join_scopes
from greffier.server.oauth_provider.tables import OAuthApplicationRow
from greffier.server.web.context import Context


class OAuthApplication(msgspec.Struct, kw_only=True):
    """Contract: `OAuthApplication`."""

    object: Literal["oauth_application"] = "oauth_application"
    id: str
    instance_id: str
    name: str
    client_id: str
    client_uri: str | None
    client_image_url: str | None
    dynamically_registered: bool
    consent_screen_enabled: bool
    pkce_required: bool
    public: bool
    scopes: str
    redirect_uris: list[str]
    callback_url: str
    authorize_url: str
    token_fetch_url: str
    user_info_url: str
    discovery_url: str
    token_introspection_url: str
    created_at: int
    updated_at: int


class OAuthApplicationWithSecret(OAuthApplication, kw_only=True):
    """Contract: `OAuthApplicationWithSecret`. The secret is empty for a public client."""

    client_secret: str


def logo_url(ctx: Context, row: OAuthApplicationRow) -> str | None:
    return f"{ctx.public_url}/avatars/{row.logo_id}.webp" if row.logo_id else row.logo_uri


def oauth_application(ctx: Context, row: OAuthApplicationRow) -> OAuthApplication:
    return OAuthApplication(**_fields(ctx, row))


def with_secret(ctx: Context, row: OAuthApplicationRow, client_secret: str) -> OAuthApplicationWithSecret:
    """The one kind of answer that has the secret."""
    return OAuthApplicationWithSecret(**_fields(ctx, row), client_secret=client_secret)


def _fields(ctx: Context, row: OAuthApplicationRow) -> dict[str, Any]:
    base = ctx.public_url
    return {
        "id": row.id,
        "instance_id": row.instance_id,
        "name": row.name,
        "client_id": row.client_id,
        "client_uri": row.client_uri,
        "client_image_url": logo_url(ctx, row),
        "dynamically_registered": row.dynamically_registered,
        "consent_screen_enabled": row.consent_screen_enabled,
        "pkce_required": row.pkce_required,
        "public": row.public,
        "scopes": join_scopes(row.scopes),
        "redirect_uris": row.redirect_uris,
        "callback_url": row.redirect_uris[0] if row.redirect_uris else "",
        "authorize_url": f"{base}/oauth/authorize",
        "token_fetch_url": f"{base}/oauth/token",
        "user_info_url": f"{base}/oauth/userinfo",
        "discovery_url": f"{base}/.well-known/openid-configuration",
        "token_introspection_url": f"{base}/oauth/token_info",
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }
