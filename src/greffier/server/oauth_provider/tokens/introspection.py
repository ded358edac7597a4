"""Presented tokens: verified, introspected, revoked (RFC 7662, RFC 7009)."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import hash_secret
from greffier.server.oauth_provider.applications.lifecycle import get_application
from greffier.server.oauth_provider.authorization.grants import end_grant
from greffier.server.oauth_provider.queries import FIND_TOKEN, GET_APPLICATION, GET_GRANT
from greffier.server.oauth_provider.scopes import join_scopes, split_scopes
from greffier.server.oauth_provider.tables import OAuthApplicationRow, OAuthGrantRow, OAuthTokenRow
from greffier.server.oauth_provider.tokens.requests import RevocationForm, TokenInfoForm
from greffier.server.oauth_provider.tokens.resources import OAuthAccessToken, access_token
from greffier.server.web.context import Context


class PresentedToken(msgspec.Struct, frozen=True):
    token: OAuthTokenRow
    grant: OAuthGrantRow

    def works(self, now: int) -> bool:
        live = not self.grant.revoked and self.token.expire_at > now
        return live and self.token.used_at is None

    @property
    def is_access_token(self) -> bool:
        return self.token.kind != "refresh"


class TokenInfo(msgspec.Struct, kw_only=True):
    """Contract: `OAuth.TokenInfo`. `iat` is in seconds."""

    active: bool
    client_id: str | msgspec.UnsetType = msgspec.UNSET
    iat: int | msgspec.UnsetType = msgspec.UNSET
    scope: str | msgspec.UnsetType = msgspec.UNSET
    sub: str | msgspec.UnsetType = msgspec.UNSET
    aud: str | msgspec.UnsetType = msgspec.UNSET


async def find_token(ctx: Context, secret: str) -> PresentedToken | None:
    """A token of this instance, whether it works or not."""
    token = await ctx.db.one(FIND_TOKEN, instance_id=ctx.instance.id, token_hash=hash_secret(secret))
    if token is None:
        return None
    grant = await ctx.db.one(GET_GRANT, instance_id=ctx.instance.id, id=token.grant_id)
    return None if grant is None else PresentedToken(token, grant)


async def working_access_token(ctx: Context, secret: str) -> PresentedToken | None:
    found = await find_token(ctx, secret)
    return found if found is not None and found.is_access_token and found.works(ctx.now) else None


async def verify_access_token(ctx: Context, secret: str) -> OAuthAccessToken:
    """The token, if it is valid now.

    Raises:
        ApiError: 404 for every other token, since SDKs accept each 200; the reason is not disclosed.
    """
    found = await working_access_token(ctx, secret)
    application = found and await ctx.db.one(
        GET_APPLICATION, instance_id=ctx.instance.id, id=found.grant.application_id
    )
    if found is None or application is None:
        raise errors.not_found("OAuth access token")
    return access_token(found.token, found.grant, application, ctx.now)


async def describe_token(ctx: Context, application: OAuthApplicationRow, params: TokenInfoForm) -> TokenInfo:
    """The introspection of a token for an application: its own tokens are active, others are not.

    Raises:
        ApiError: 422 without a token.
    """
    if not params.token:
        raise errors.invalid_params(errors.param_missing("token"))
    found = await find_token(ctx, params.token)
    if found is None or found.grant.application_id != application.id or not found.works(ctx.now):
        return TokenInfo(active=False)
    if not set(split_scopes(params.scope or "")) <= set(found.token.scopes):
        return TokenInfo(active=False)
    return TokenInfo(
        active=True,
        client_id=application.client_id,
        iat=found.token.created_at // 1000,
        scope=join_scopes(found.token.scopes),
        sub=found.grant.user_id,
        aud=found.token.resource or msgspec.UNSET,
    )


async def revoke_presented(ctx: Context, application: OAuthApplicationRow, params: RevocationForm) -> None:
    """End the grant of a token, and so all of its tokens. One that is unknown, or another's, changes nothing.

    Raises:
        ApiError: 400 without a token, and for access tokens that are JWTs.
    """
    if not params.token:
        raise errors.oauth_invalid_request("token must be given.")
    found = await find_token(ctx, params.token)
    if found is None or found.grant.application_id != application.id:
        return
    if found.token.kind == "jwt":
        raise errors.oauth_unsupported_token_type()
    await end_grant(ctx, found.grant.id, "Revoked by the application.")


async def revoke_token_of(ctx: Context, application_id: str, secret: str) -> None:
    """The same for the instance's backend.

    Raises:
        ApiError: 404 without such an application or token, 422 for access tokens that are JWTs.
    """
    application = await get_application(ctx, application_id)
    found = await find_token(ctx, secret)
    if found is None or found.grant.application_id != application.id:
        raise errors.not_found("OAuth token")
    if found.token.kind == "jwt":
        why = "Access tokens that are JWTs cannot be revoked; give the refresh token."
        raise errors.invalid_params(errors.param_format_invalid("token", why))
    await end_grant(ctx, found.grant.id, "Revoked by the Backend API.")
