"""Reading tokens that an instance signed itself. Its applications verify by the SDK and the JWKS."""

from __future__ import annotations

from typing import Any

from greffier.sdk.errors import TokenVerificationError
from greffier.sdk.tokens.jwt import TokenRules, check_header, decode_jwt
from greffier.sdk.tokens.signatures import signing_key_from_jwk
from greffier.server.signing.jwts import CATEGORY_SESSION
from greffier.server.web.context import Context

_SESSION_TOKEN = TokenRules(categories=frozenset({CATEGORY_SESSION}))


def read_session_token(ctx: Context, text: str) -> dict[str, Any] | None:
    """The claims of a session token of this instance, expired or not; `None` for anything else."""
    return read_token(ctx, text, _SESSION_TOKEN)


def read_token(ctx: Context, text: str, rules: TokenRules) -> dict[str, Any] | None:
    """The claims of a token that this instance signed, expired or not; `None` for anything else.

    Args:
        rules: the required header.
    """
    try:
        token = decode_jwt(text)
        check_header(token.header, rules)
        jwks = ctx.services.ports.signing.jwks(ctx.instance.id)
        jwk = next((key for key in jwks if key["kid"] == token.header.get("kid")), None)
        if jwk is None or token.claims.get("iss") != ctx.instance.issuer:
            return None
        genuine = signing_key_from_jwk(jwk).verifies(token.header["alg"], token.signature, token.signed)
    except TokenVerificationError:
        return None
    return token.claims if genuine else None
