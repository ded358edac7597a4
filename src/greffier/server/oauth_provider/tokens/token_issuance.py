"""Issuance of tokens: access tokens, opaque or JWT (RFC 9068), refresh tokens and ID tokens."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import hash_secret, new_secret
from greffier.server.oauth_provider.authorization.grants import ACCESS_TOKEN_LIFETIME
from greffier.server.oauth_provider.queries import INSERT_TOKEN
from greffier.server.oauth_provider.scopes import join_scopes
from greffier.server.oauth_provider.tables import OAuthApplicationRow, OAuthGrantRow, OAuthTokenRow
from greffier.server.oauth_provider.tokens.user_claims import user_claims
from greffier.server.signing.jwts import base64url
from greffier.server.store.ids import new_id
from greffier.server.users.lookup import find_user
from greffier.server.web.context import Context

ID_TOKEN_LIFETIME = 86_400
"""Seconds."""
TOKEN_PREFIX = "oat_"  # noqa: S105 (how every access token begins that is no JWT)
_REFRESH_PREFIX = "ort_"
_TYPE_OF_ACCESS_TOKEN = "at+jwt"  # noqa: S105 (RFC 9068 section 2.1)
_TYPE_OF_ID_TOKEN = "jwt"  # noqa: S105 (a media type)
"""Equal to `JWT` for OpenID clients, because case does not matter (RFC 7515 section 4.1.9), but not for
verifiers of session tokens: otherwise an ID token would pass for a session of its user. A header of our own,
as session tokens have, would not do: strict clients refuse what they do not know.
"""


class Tokens(msgspec.Struct, kw_only=True):
    """Contract: `OAuth.Token`."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 (a type)
    expires_in: int = ACCESS_TOKEN_LIFETIME
    refresh_token: str
    scope: str
    id_token: str | msgspec.UnsetType = msgspec.UNSET


async def issue_tokens(
    ctx: Context,
    application: OAuthApplicationRow,
    grant: OAuthGrantRow,
    scopes: list[str],
    *,
    nonce: str | None = None,
    keeps: str | None = None,
    follows: OAuthTokenRow | None = None,
    resource: str | None = None,
) -> Tokens:
    """An access token, with it an ID token for `openid`, and a refresh token.

    Args:
        scopes: of the access token.
        nonce: what an ID token says that answers an authorization request.
        keeps: the refresh token that the application has and goes on using.
        follows: the refresh token that is exchanged for a new one, which has its scopes; absent: those of the
            grant.
        resource: the audience of the access token.

    Raises:
        ApiError: 400 when the user is gone.
    """
    access_token = await _create_access_token(ctx, application, grant, scopes, resource)
    refresh_token = keeps or await _create_refresh_token(ctx, grant, follows)
    tokens = Tokens(access_token=access_token, refresh_token=refresh_token, scope=join_scopes(scopes))
    if "openid" in scopes:
        tokens.id_token = await _id_token(ctx, application, grant, scopes, nonce, access_token)
    return tokens


async def _create_access_token(
    ctx: Context,
    application: OAuthApplicationRow,
    grant: OAuthGrantRow,
    scopes: list[str],
    resource: str | None,
) -> str:
    """One in the form of a JWT is kept too, so that this server itself notices when its grant has ended."""
    token_id = TOKEN_PREFIX + secrets.token_hex(16)
    is_jwt = ctx.instance.settings.oauth_provider.jwt_access_tokens
    expire_at = (ctx.now // 1000 + ACCESS_TOKEN_LIFETIME) * 1000
    token = (
        _sign_access_token(ctx, application, grant, scopes, token_id, resource)
        if is_jwt
        else TOKEN_PREFIX + secrets.token_hex(32)
    )
    await _keep(ctx, grant, token_id, "jwt" if is_jwt else "access", token, scopes, expire_at, resource)
    return token


def _sign_access_token(
    ctx: Context,
    application: OAuthApplicationRow,
    grant: OAuthGrantRow,
    scopes: list[str],
    token_id: str,
    resource: str | None,
) -> str:
    """RFC 9068 section 2.2, but for an audience unless the client asked for one (RFC 8707): the official SDK
    for Python refuses tokens that name one, unless its application does."""
    issued = ctx.now // 1000
    claims: dict[str, Any] = {
        "client_id": application.client_id,
        "exp": issued + ACCESS_TOKEN_LIFETIME,
        "iat": issued,
        "iss": ctx.instance.issuer,
        "jti": token_id,
        "nbf": issued,
        "scope": join_scopes(scopes),
        "sub": grant.user_id,
    }
    if resource is not None:
        claims["aud"] = resource
    return ctx.services.ports.signing.current(ctx.instance.id).sign_jwt(claims, typ=_TYPE_OF_ACCESS_TOKEN)


async def _create_refresh_token(ctx: Context, grant: OAuthGrantRow, former: OAuthTokenRow | None) -> str:
    """Its time is counted from the authorization on, whichever in a row of tokens it is (ASVS 10.4.8)."""
    token = _REFRESH_PREFIX + new_secret()
    lifetime = ctx.instance.settings.oauth_provider.refresh_token_lifetime
    expire_at = grant.created_at + lifetime * 1000
    scopes, parent_id = (former.scopes, former.id) if former else (grant.scopes, None)
    token_id = new_id("ort", now_ms=ctx.now)
    await _keep(ctx, grant, token_id, "refresh", token, scopes, expire_at, parent_id=parent_id)
    return token


async def _keep(
    ctx: Context,
    grant: OAuthGrantRow,
    token_id: str,
    kind: str,
    token: str,
    scopes: list[str],
    expire_at: int,
    resource: str | None = None,
    parent_id: str | None = None,
) -> None:
    row = OAuthTokenRow(
        id=token_id,
        instance_id=ctx.instance.id,
        grant_id=grant.id,
        kind=kind,
        token_hash=hash_secret(token),
        parent_id=parent_id,
        scopes=scopes,
        resource=resource,
        used_at=None,
        expire_at=expire_at,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await ctx.db.insert(INSERT_TOKEN, row)


async def _id_token(
    ctx: Context,
    application: OAuthApplicationRow,
    grant: OAuthGrantRow,
    scopes: list[str],
    nonce: str | None,
    access_token: str,
) -> str:
    """OpenID Connect Core sections 2 and 3.1.3.6."""
    user = await find_user(ctx, grant.user_id)
    if user is None:
        raise errors.oauth_invalid_grant("The user is gone.")
    issued = ctx.now // 1000
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    claims: dict[str, Any] = {
        **await user_claims(ctx, user, scopes),
        "at_hash": base64url(half).decode(),
        "aud": application.client_id,
        "azp": application.client_id,
        "auth_time": grant.authenticated_at // 1000,
        "exp": issued + ID_TOKEN_LIFETIME,
        "iat": issued,
        "iss": ctx.instance.issuer,
        "sub": grant.user_id,
    }
    if nonce is not None:
        claims["nonce"] = nonce
    key = ctx.services.ports.signing.current(ctx.instance.id)
    return key.sign_jwt(claims, typ=_TYPE_OF_ID_TOKEN)
