"""Grants: the result of one authorization for an application. All of its tokens end with it."""

from __future__ import annotations

from greffier.server.crypto.secrets import hash_secret, new_secret
from greffier.server.oauth_provider.authorization.authorization_requests import AuthorizationRequest
from greffier.server.oauth_provider.authorization.consents import hold_user_and_application
from greffier.server.oauth_provider.queries import (
    INSERT_GRANT,
    REVOKE_GRANT,
    REVOKE_GRANTS_OF_USER,
)
from greffier.server.oauth_provider.tables import OAuthGrantRow
from greffier.server.store.ids import new_id
from greffier.server.web.context import Context

CODE_LIFETIME = 600
"""Seconds (RFC 6749 section 4.1.2: ten minutes at most)."""
ACCESS_TOKEN_LIFETIME = 86_400
"""Seconds."""


async def create_grant(
    ctx: Context, request: AuthorizationRequest, user_id: str, authenticated_at: int
) -> str:
    """Create a user's grant; returns the code that the application exchanges for tokens.

    Raises:
        ApiError: 401 or 403 when the user or the application has just gone.
    """
    target = request.target
    await hold_user_and_application(ctx, user_id, target.application.id)
    code = new_secret()
    row = OAuthGrantRow(
        id=new_id("oag", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        application_id=target.application.id,
        user_id=user_id,
        scopes=request.scopes,
        code_hash=hash_secret(code),
        code_expire_at=ctx.now + CODE_LIFETIME * 1000,
        code_used_at=None,
        redirect_uri=target.redirect_uri if target.named else None,
        code_challenge=request.code_challenge,
        nonce=request.nonce,
        resource=request.resource,
        authenticated_at=authenticated_at,
        revoked=False,
        revocation_reason=None,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await ctx.db.insert(INSERT_GRANT, row)
    return code


async def end_grant(ctx: Context, grant_id: str, reason: str | None) -> None:
    """End the grant: its code and its tokens are invalid from now on."""
    await ctx.db.execute(REVOKE_GRANT, instance_id=ctx.instance.id, id=grant_id, reason=reason, now=ctx.now)


async def end_grants_of_user(ctx: Context, user_id: str) -> None:
    """End all of a user's grants; applications that are authorized again need new ones."""
    await ctx.db.execute(
        REVOKE_GRANTS_OF_USER,
        instance_id=ctx.instance.id,
        user_id=user_id,
        reason="The user was banned or locked.",
        now=ctx.now,
    )
