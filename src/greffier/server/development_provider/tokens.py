"""Codes, access and refresh tokens, and ID tokens of the development provider (RFC 6749 sections
4.1 and 6, RFC 7636, OpenID Connect Core 1.0 section 3.1.3). All are signed and nothing of them is stored, so
that a server that starts again knows them.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from greffier.server.crypto.secrets import new_secret, same
from greffier.server.development_provider.people import Person
from greffier.server.development_provider.registration import CLIENT_ID, Registration
from greffier.server.web.context import Context

CODE_LIFETIME = 60
"""Seconds, as of all that follow."""
ACCESS_LIFETIME = 60 * 60
_REFRESH_LIFETIME = 30 * 24 * 60 * 60
_ID_TOKEN_LIFETIME = 5 * 60

Use = Literal["code", "access", "refresh"]

_used: dict[str, int] = {}
"""Codes that this process has exchanged, and the second at which each expires."""


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """The consent of a person, for one request."""

    person: Person
    scope: str = ""
    redirect_uri: str = ""
    code_challenge: str = ""
    nonce: str | None = None
    refused: bool = False
    """The developer wants to see the code refused."""


class _Issued(msgspec.Struct, frozen=True, kw_only=True):
    """The claims of what is signed. The issuer is not among them: its URL is another for each name by which
    this server is reached."""

    provider: str
    jti: str
    use: Use
    exp: int
    grant: Grant


class Refused(Exception):
    """An error of the token endpoint (RFC 6749 section 5.2); the text is its code."""


def issue(ctx: Context, registration: Registration, use: Use, lifetime: int, grant: Grant) -> str:
    """Args: lifetime: in seconds."""
    expires = ctx.now // 1000 + lifetime
    claims = _Issued(provider=registration.provider, jti=new_secret(), use=use, exp=expires, grant=grant)
    return _sign(registration, msgspec.to_builtins(claims))


def read(ctx: Context, registration: Registration, use: Use, token: str) -> _Issued | None:
    """Returns what was issued for this use and has not expired."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import OctKey

    try:
        key = OctKey.import_key(registration.client_secret)
        found = msgspec.convert(jwt.decode(token, key, algorithms=["HS256"]).claims, _Issued)
    except (JoseError, ValueError):
        return None
    live = found.exp > ctx.now // 1000
    return found if live and found.use == use and found.provider == registration.provider else None


def exchange(ctx: Context, registration: Registration, form: Mapping[str, str]) -> dict[str, Any]:
    """The answer of the token endpoint.

    Raises:
        Refused: the client, the code or the refresh token is wrong.
    """
    authentic = same(form.get("client_secret", ""), registration.client_secret)
    if form.get("client_id") != CLIENT_ID or not authentic:
        raise Refused("invalid_client")
    match form.get("grant_type"):
        case "authorization_code":
            return _tokens(ctx, registration, _redeem(ctx, registration, form))
        case "refresh_token":
            found = read(ctx, registration, "refresh", form.get("refresh_token", ""))
            if found is None:
                raise Refused("invalid_grant")
            return _tokens(ctx, registration, found.grant)
        case _:
            raise Refused("unsupported_grant_type")


def _redeem(ctx: Context, registration: Registration, form: Mapping[str, str]) -> Grant:
    """Uses a code up, whatever comes of it.

    Raises:
        Refused: it is not a code for this request.
    """
    found = read(ctx, registration, "code", form.get("code", ""))
    if found is None or not _use_up(found, ctx.now // 1000):
        raise Refused("invalid_grant")
    grant = found.grant
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
    bound = same(challenge, grant.code_challenge) and form.get("redirect_uri") == grant.redirect_uri
    if grant.refused or not bound:
        raise Refused("invalid_grant")
    return grant


def _use_up(code: _Issued, now: int) -> bool:
    """Returns whether this is the first time."""
    for jti in [jti for jti, expires in _used.items() if expires <= now]:
        del _used[jti]
    if code.jti in _used:
        return False
    _used[code.jti] = code.exp
    return True


def _tokens(ctx: Context, registration: Registration, grant: Grant) -> dict[str, Any]:
    kept = Grant(person=grant.person, scope=grant.scope)
    now = ctx.now // 1000
    claims = grant.person.claims() | {
        "iss": registration.issuer,
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + _ID_TOKEN_LIFETIME,
    }
    if grant.nonce is not None:
        claims["nonce"] = grant.nonce
    return {
        "access_token": issue(ctx, registration, "access", ACCESS_LIFETIME, kept),
        "refresh_token": issue(ctx, registration, "refresh", _REFRESH_LIFETIME, kept),
        "id_token": _sign(registration, claims),
        "token_type": "Bearer",
        "expires_in": ACCESS_LIFETIME,
        "scope": grant.scope,
    }


def _sign(registration: Registration, claims: dict[str, Any]) -> str:
    from joserfc import jwt
    from joserfc.jwk import OctKey

    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(registration.client_secret))
