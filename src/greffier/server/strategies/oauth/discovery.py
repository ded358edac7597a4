"""The endpoints and keys of a provider, from its file or its discovery document (OpenID Connect Discovery
1.0)."""

from __future__ import annotations

import re
from typing import Any, cast

import msgspec

from greffier.server.strategies.oauth.connections import CUSTOM, Connection
from greffier.server.strategies.oauth.fetching import Refused, fetch
from greffier.server.strategies.oauth_providers.provider import ClientAuthentication
from greffier.server.web.context import Context

_FRESH = 60 * 60 * 1000
"""Milliseconds for which a document is not asked for again."""
_STALE = 24 * _FRESH
"""Milliseconds for which it is used when the provider does not answer."""
_KEYS_AGAIN = 60 * 1000
"""Milliseconds after which keys are asked for again because a token names an unknown one."""
_HTTP_URL = re.compile(r"https?://[^\s/?#]+[^\s#]*")
_MOST = 512
"""Documents that are kept."""


class Endpoints(msgspec.Struct, frozen=True, kw_only=True):
    authorization_url: str
    token_url: str
    profile_url: str | None
    jwks_url: str | None
    issuer: str | None
    revocation_url: str | None
    client_authentication: ClientAuthentication = "post"
    names_issuer: bool = False
    """Answers at the callback carry `iss` (RFC 9207)."""


class _Kept(msgspec.Struct, frozen=True):
    document: dict[str, Any]
    fetched_at: int


_kept: dict[str, _Kept] = {}


async def endpoints_of(ctx: Context, connection: Connection) -> Endpoints:
    """Raises: Refused: the provider does not give its discovery document, or that lacks an endpoint."""
    provider = connection.provider
    found: dict[str, Any] = {}
    if provider.issuer is not None and not (provider.authorization_url and provider.token_url):
        found = await _document(ctx, connection, f"{provider.issuer}/.well-known/openid-configuration")
        if provider.issuer_pattern is None and found.get("issuer") != provider.issuer:
            raise Refused("the discovery document is another issuer's")
    return Endpoints(
        authorization_url=provider.authorization_url or _required(found, "authorization_endpoint"),
        token_url=provider.token_url or _required(found, "token_endpoint"),
        profile_url=provider.profile_url or _url(found, "userinfo_endpoint"),
        jwks_url=provider.jwks_url or _url(found, "jwks_uri"),
        issuer=provider.issuer,
        revocation_url=provider.revocation_url or _url(found, "revocation_endpoint"),
        client_authentication=_client_authentication(connection, found),
        names_issuer=found.get("authorization_response_iss_parameter_supported") is True,
    )


def _client_authentication(connection: Connection, document: dict[str, Any]) -> ClientAuthentication:
    """For a provider from settings alone they may say it, else its discovery document does; one that does not
    say it means HTTP Basic (OpenID Connect Discovery 1.0 section 3)."""
    provider, chosen = connection.provider, connection.settings.client_authentication
    if not provider.key.startswith(CUSTOM):
        return provider.client_authentication
    if chosen is not None:
        return chosen
    if not document:
        return provider.client_authentication
    offered = document.get("token_endpoint_auth_methods_supported")
    return "post" if isinstance(offered, list) and "client_secret_post" in offered else "basic"


def _url(document: dict[str, Any], name: str) -> str | None:
    """Raises: Refused: what is there is no URL, or one that a browser would run instead of visit."""
    value = document.get(name)
    if value is None or (isinstance(value, str) and _HTTP_URL.fullmatch(value)):
        return value
    raise Refused(f"{name} of the discovery document is no URL")


def _required(document: dict[str, Any], name: str) -> str:
    if (found := _url(document, name)) is None:
        raise Refused(f"the discovery document lacks {name}")
    return found


async def keys_of(ctx: Context, connection: Connection, url: str, *, again: bool = False) -> dict[str, Any]:
    """The provider's JWKS.

    Args:
        again: a token names a key that the last one lacked.

    Raises:
        Refused: as `endpoints_of`.
    """
    return await _document(ctx, connection, url, fresh=_KEYS_AGAIN if again else _FRESH)


async def _document(ctx: Context, connection: Connection, url: str, *, fresh: int = _FRESH) -> dict[str, Any]:
    kept = _kept.get(url)
    if kept is not None and 0 <= ctx.now - kept.fetched_at < fresh:  # a clock may have been set back
        return kept.document
    try:
        status, document = await fetch(ctx, connection, "GET", url)
        if status != 200 or not isinstance(document, dict):
            raise Refused(f"{status} instead of a document")
    except Refused:
        if kept is not None and ctx.now - kept.fetched_at < _STALE:
            return kept.document
        raise
    if len(_kept) >= _MOST:
        _kept.clear()
    _kept[url] = _Kept(cast(dict[str, Any], document), ctx.now)
    return _kept[url].document
