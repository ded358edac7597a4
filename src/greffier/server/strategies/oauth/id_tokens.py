"""Verifies ID tokens (OpenID Connect Core 1.0 section 3.1.3.7)."""

from __future__ import annotations

import re
from typing import Any, cast

from greffier.server.strategies.oauth.connections import Connection
from greffier.server.strategies.oauth.discovery import Endpoints, keys_of
from greffier.server.strategies.oauth.fetching import Refused
from greffier.server.web.context import Context

_LEEWAY = 60
"""Seconds by which the clocks of providers may differ from ours."""


async def verified_claims(
    ctx: Context, connection: Connection, endpoints: Endpoints, token: str, *, nonce: str | None
) -> dict[str, Any]:
    """The claims of a token that the provider made for this instance and this request.

    Args:
        nonce: of the request; `None` for a token that came without one.

    Raises:
        Refused: anything about it is wrong.
    """
    claims = await _claims_by_key(ctx, connection, endpoints, token)
    _require(issuer_fits(connection, endpoints, claims.get("iss")), "iss")
    audience = claims.get("aud")
    audiences = cast(list[Any], audience) if isinstance(audience, list) else [audience]
    own = connection.credentials.client_id
    _require(own in audiences, "aud")
    _require(claims.get("azp", own) == own and (len(audiences) == 1 or "azp" in claims), "azp")
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
    from joserfc.jwk import KeySet, OctKey

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
            keys = KeySet.import_key_set(document)
            return dict(jwt.decode(token, keys, algorithms=list(provider.id_token_algorithms)).claims)
        except (JoseError, ValueError, KeyError) as error:
            problem = type(error).__name__
    raise Refused(f"the ID token: {problem}")
