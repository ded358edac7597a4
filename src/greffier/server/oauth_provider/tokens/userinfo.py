"""The userinfo endpoint: the user of an access token (OpenID Connect Core section 5.3)."""

from __future__ import annotations

from typing import Any

from greffier.server import errors
from greffier.server.oauth_provider.queries import GET_APPLICATION
from greffier.server.oauth_provider.tokens.introspection import working_access_token
from greffier.server.oauth_provider.tokens.user_claims import user_claims
from greffier.server.users.lookup import find_user
from greffier.server.web.context import Context
from greffier.server.web.operations.backend import bearer


async def user_info(ctx: Context, form_token: str | None = None) -> dict[str, Any]:
    """Contract: `OAuth.UserInfo`. A scope that the application lost grants nothing any more.

    Raises:
        ApiError: 401 without a token that works now, be it opaque or a JWT; 400 for one in the header and one
            in the form (RFC 6750 section 2).
    """
    header_token = bearer(ctx.request)
    if form_token and header_token is not None:
        raise errors.oauth_invalid_request("The token must come in the header or in the form, not in both.")
    token = header_token or form_token
    found = await working_access_token(ctx, token) if token else None
    user = found and await find_user(ctx, found.grant.user_id)
    application = found and await ctx.db.one(
        GET_APPLICATION, instance_id=ctx.instance.id, id=found.grant.application_id
    )
    if found is None or user is None or application is None:
        raise errors.oauth_invalid_token()
    scopes = [scope for scope in found.token.scopes if scope in application.scopes]
    return {
        "object": "oauth_user_info",
        "instance_id": ctx.instance.id,
        "user_id": user.id,
        "sub": user.id,
        **await user_claims(ctx, user, scopes),
    }
