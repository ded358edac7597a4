"""Verifies ID tokens (OpenID Connect Core 1.0 section 3.1.3.7)."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from greffier.server.strategies.oauth.connections import Connection
from greffier.server.strategies.oauth.discovery import Endpoints, keys_of
from greffier.server.strategies.oauth.fetching import Refused
from greffier.server.web.context import Context

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

_LEEWAY = 60
"""Seconds by which the clocks of providers may differ from ours."""


async def verified_claims(
    ctx: Context,
    connection: Connection,
    endpoints: Endpoints,
    token: str,
    *,
    nonce: str | None,
    audiences: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The claims of a token that the provider made for this instance and this request.

    Args:
        nonce: of the request; `None` for a token that came without one.
        audiences: client ids, one of which it is for; those of the credentials where none are given.

    Raises:
        Refused: anything about it is wrong.
    """
    claims = await _claims_by_key(ctx, connection, endpoints, token)
    _require(issuer_fits(connection, endpoints, claims.get("iss")), "iss")
    audience = claims.get("aud")
    given = cast(list[Any], audience) if isinstance(audience, list) else [audience]
    own = audiences or (connection.credentials.client_id,)
    _require(any(one in own for one in given), "aud")
    _require(claims.get("azp", own[0]) in own and (len(given) == 1 or "azp" in claims), "azp")
    now = ctx.now // 1000
    expires, issued = claims.get("exp"), claims.get("iat")
    _require(isinstance(expires, int | float) and expires > now - _LEEWAY, "exp")
    _require(issued is None or (isinstance(issued, int | float) and issued < now + _LEEWAY), "iat")
    _require(nonce is None or claims.get("nonce") == nonce, "nonce")
    return claims


def _require(holds: bool, claim: str) -> None:
    if not holds:
        raise Refused(f"the ID token's {claim} is wrong")


def issuer_fits(connection: Connection, endpoints: Endpoints, issuer: object) -> bool:
    """Returns whether this is how the provider names itself."""
    if not isinstance(issuer, str):
        return False
    pattern = connection.provider.issuer_pattern
    return issuer == endpoints.issuer if pattern is None else re.fullmatch(pattern, issuer) is not None


async def _claims_by_key(
    ctx: Context, connection: Connection, endpoints: Endpoints, token: str
) -> dict[str, Any]:
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import OctKey

    provider = connection.provider
    if provider.id_token_by_secret:
        secret = OctKey.import_key(connection.credentials.client_secret or "")
        try:
            return dict(jwt.decode(token, secret, algorithms=["HS256"]).claims)
        except (JoseError, ValueError) as error:
            raise Refused(f"the ID token: {type(error).__name__}") from None
    if endpoints.jwks_url is None:
        raise Refused("the provider names no keys")
    for again in (False, True):
        document: Any = await keys_of(ctx, connection, endpoints.jwks_url, again=again)
        try:
            keys = _readable_keys(document)
            return dict(jwt.decode(token, keys, algorithms=list(provider.id_token_algorithms)).claims)
        except (JoseError, ValueError, RecursionError) as error:
            problem = type(error).__name__
    raise Refused(f"the ID token: {problem}")


def _readable_keys(document: dict[str, Any]) -> KeySet:
    """The keys of a JWKS, without those of an unknown kind, curve or use (RFC 7517 section 5)."""
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry, Key, KeySet

    keys: list[Key] = []
    described: Any = document.get("keys")
    for one in cast(list[Any], described) if isinstance(described, list) else []:
        # What the library does not know it tells in all these ways.
        with suppress(JoseError, ValueError, KeyError, TypeError):
            keys.append(JWKRegistry.import_key(one))
    return KeySet(keys)
