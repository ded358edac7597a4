"""Access tokens on the wire of the Backend API."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.oauth_provider.tables import OAuthApplicationRow, OAuthGrantRow, OAuthTokenRow


class OAuthAccessToken(msgspec.Struct, kw_only=True):
    """Contract: the answer of `verifyOAuthAccessToken`. `expiration` is in milliseconds since the epoch."""

    object: Literal["clerk_idp_oauth_access_token"] = "clerk_idp_oauth_access_token"
    id: str
    client_id: str
    subject: str
    scopes: list[str]
    revoked: bool
    revocation_reason: str | None
    expired: bool
    expiration: int | None
    created_at: int
    updated_at: int
    aud: str | msgspec.UnsetType = msgspec.UNSET
    """The API that the token is for, if its application named one (RFC 8707)."""


def access_token(
    token: OAuthTokenRow, grant: OAuthGrantRow, application: OAuthApplicationRow, now_ms: int
) -> OAuthAccessToken:
    return OAuthAccessToken(
        id=token.id,
        client_id=application.client_id,
        subject=grant.user_id,
        scopes=token.scopes,
        revoked=grant.revoked,
        revocation_reason=grant.revocation_reason,
        expired=token.expire_at <= now_ms,
        expiration=token.expire_at,
        created_at=token.created_at,
        updated_at=token.updated_at,
        aud=token.resource or msgspec.UNSET,
    )
