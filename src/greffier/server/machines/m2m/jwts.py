"""M2M tokens in the form of a JWT: signed by the instance's key, verified by any holder of its JWKS."""

from __future__ import annotations

from typing import Any

from greffier.sdk.tokens.jwt import TokenRules
from greffier.server.machines.tables import M2mTokenRow
from greffier.server.signing.jwts import CATEGORY_M2M
from greffier.server.signing.verification import read_token
from greffier.server.web.context import Context

RESERVED_CLAIMS = frozenset({"aud", "exp", "iat", "iss", "jti", "nbf", "scopes", "sub"})
"""Claims that only the server sets."""

_RULES = TokenRules(categories=frozenset({CATEGORY_M2M}), machine_subjects=True)


async def sign_m2m_jwt(ctx: Context, row: M2mTokenRow) -> str:
    """The token of such a row, which is kept nowhere. Its times are whole seconds."""
    issued = row.created_at // 1000
    claims: dict[str, Any] = {
        **(row.claims or {}),
        # SDKs require no audience of a token, so one with no scopes has its own machine as its audience.
        "aud": row.scopes or [row.machine_id],
        "exp": row.expire_at // 1000,
        "iat": issued,
        "iss": ctx.instance.issuer,
        "jti": row.id,
        "nbf": issued,
        "sub": row.machine_id,
    }
    if row.scopes:  # SDKs split an empty text into one empty scope
        claims["scopes"] = " ".join(row.scopes)
    return await ctx.services.ports.signing.sign_soon(ctx.instance.id, claims, category=CATEGORY_M2M)


def read_m2m_jwt(ctx: Context, text: str) -> M2mTokenRow | None:
    """The row that a valid token of this instance describes; `None` when it is none, or has expired."""
    claims = read_token(ctx, text, _RULES)
    if claims is None or claims["exp"] * 1000 <= ctx.now:
        return None
    own = {name: value for name, value in claims.items() if name not in RESERVED_CLAIMS}
    return M2mTokenRow(
        id=claims["jti"],
        instance_id=ctx.instance.id,
        machine_id=claims["sub"],
        token_hash="",
        claims=own or None,
        scopes=claims["aud"],
        content_hash="",
        revoked=False,
        revocation_reason=None,
        expire_at=claims["exp"] * 1000,
        last_used_at=None,
        created_at=claims["iat"] * 1000,
        updated_at=claims["iat"] * 1000,
    )
