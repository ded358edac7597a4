"""Asks a provider to revoke tokens (RFC 7009)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal
from urllib.parse import quote, urlencode

from greffier.server.strategies.oauth.connections import Connection
from greffier.server.strategies.oauth.discovery import endpoints_of
from greffier.server.strategies.oauth.exchange import authenticated
from greffier.server.strategies.oauth.fetching import Refused, send
from greffier.server.strategies.oauth_providers.provider import ClientAuthentication
from greffier.server.users.external_accounts.provider_tokens.keeping import Tokens
from greffier.server.web.context import Context


class NotNow(Refused):
    """The provider may revoke them later."""


async def revoke(ctx: Context, connection: Connection, tokens: Tokens) -> None:
    """Ask for the refresh token and the access token to be revoked. At most providers the first ends the
    whole grant, and then some know nothing of the second, which is as good. Some providers revoke nothing.

    Raises:
        NotNow: trying again may help.
        Refused: the provider refuses.
    """
    connection = connection.registered_as(tokens.client_id)
    try:
        endpoints = await endpoints_of(ctx, connection)
    except Refused as error:
        raise NotNow(str(error)) from None
    if endpoints.revocation_url is None:
        return
    by = connection.provider.revocation_authentication or endpoints.client_authentication
    url = endpoints.revocation_url.replace("{client_id}", quote(connection.credentials.client_id, safe=""))
    statuses = [
        await _revoke_one(ctx, connection, url, by, kind, token)
        for kind, token in _revocable(connection, tokens)
    ]
    if not any(status < 300 for status in statuses):
        passing = any(status >= 500 or status == 429 for status in statuses)
        raise (NotNow if passing else Refused)(f"the revocation endpoint answered {statuses}")


def _revocable(connection: Connection, tokens: Tokens) -> Iterator[tuple[str, str]]:
    provider = connection.provider
    takes_any = provider.revocation_parameter == "token" and provider.revocation_authentication != "bearer"
    if takes_any and tokens.refresh_token is not None:
        yield "refresh_token", tokens.refresh_token
    yield "access_token", tokens.access_token


async def _revoke_one(
    ctx: Context,
    connection: Connection,
    url: str,
    by: ClientAuthentication | Literal["bearer"],
    kind: str,
    token: str,
) -> int:
    provider = connection.provider
    parameters = {provider.revocation_parameter: token} if provider.revocation_parameter else {}
    if by == "bearer":
        headers = {"authorization": f"Bearer {token}"}
        body = urlencode(parameters).encode() if parameters else None
        if parameters:
            headers["content-type"] = "application/x-www-form-urlencoded"
    else:
        hint = {} if by == "json_basic" else {"token_type_hint": kind}
        body, headers = authenticated(ctx, connection, parameters | hint, by)
    try:
        return (await send(ctx, connection, provider.revocation_method, url, body, headers)).status
    except Refused as error:
        raise NotNow(str(error)) from None
