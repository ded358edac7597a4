"""Access tokens of providers, with which an application's server acts there for a user."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.strategies.oauth.connections import PREFIX, connection_named
from greffier.server.strategies.oauth.tokens.refreshing import current_tokens
from greffier.server.strategies.oauth.tokens.resources import OAuthAccessToken, access_token_resource
from greffier.server.users.external_accounts.own_accounts import accounts_at
from greffier.server.users.lookup import get_user
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.pagination import Page, PaginatedQuery


@backend_api.get("/v1/users/{user_id}/oauth_access_tokens/{provider}")
async def get_oauth_access_token(
    ctx: Context, user_id: str, provider: str, query: PaginatedQuery
) -> list[OAuthAccessToken] | Page[OAuthAccessToken]:
    """None for a user who has no account there. SDKs put the prefix before the provider or leave it out."""
    user = await get_user(ctx, user_id)
    key = provider.removeprefix(PREFIX)
    connection = connection_named(ctx, PREFIX + key)
    if connection is None:
        raise errors.oauth_token_provider_not_enabled()
    accounts = await accounts_at(ctx, user.id, key)
    shown = [
        access_token_resource(account, await current_tokens(ctx, connection, account))
        for account in accounts[query.offset : query.offset + query.limit]
    ]
    return Page(shown, len(accounts)) if query.paginated else shown
