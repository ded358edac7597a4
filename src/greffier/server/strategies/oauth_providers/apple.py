"""Apple (https://developer.apple.com/documentation/signinwithapplerestapi).

With scopes Apple answers by a form. Its field `user` has the name, at the first consent only. The address is
in the ID token, may be a relay, and is absent where the user shares none.
"""

from __future__ import annotations

import json
from typing import Any

from greffier.server.strategies.oauth_providers.openid import inner, profile_of, text
from greffier.server.strategies.oauth_providers.provider import Answers, Credentials, OAuthProvider, Profile

_ISSUER = "https://appleid.apple.com"
"""Of tokens. The discovery document has at times named another host, so it is not read."""

_SECRET_LIFETIME = 300
"""Seconds. Six months are the most that Apple accepts."""


def read(answers: Answers) -> Profile:
    """The form comes through the browser and is not signed: nothing but the name is taken from it."""
    name = inner(_first_consent(answers.form.get("user")), "name")
    return profile_of(
        {**answers.claims, "given_name": text(name, "firstName"), "family_name": text(name, "lastName")}
    )


def _first_consent(user: str | None) -> dict[str, Any]:
    try:
        return inner({"user": json.loads(user or "null")}, "user")
    except (ValueError, RecursionError):
        return {}


def make_secret(credentials: Credentials, now: int) -> str:
    """The client secret, a token signed with the private key of the team
    (https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret).

    Raises:
        ValueError: `team_id` or `key_id` is missing, or the key is no private one of the curve P-256 in PEM.
    """
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey

    if not (credentials.team_id and credentials.key_id and credentials.client_secret):
        raise ValueError("Apple needs team_id, key_id and the private key")
    claims = {
        "iss": credentials.team_id,
        "iat": now,
        "exp": now + _SECRET_LIFETIME,
        "aud": _ISSUER,
        "sub": credentials.client_id,
    }
    try:
        key = ECKey.import_key(credentials.client_secret)
        return jwt.encode({"alg": "ES256", "kid": credentials.key_id}, claims, key)
    except (JoseError, TypeError, ValueError):
        raise ValueError("the key is no private key of the curve P-256 in PEM") from None


PROVIDER = OAuthProvider(
    key="apple",
    name="Apple",
    issuer=_ISSUER,
    authorization_url="https://appleid.apple.com/auth/authorize",
    token_url="https://appleid.apple.com/auth/token",
    jwks_url="https://appleid.apple.com/auth/keys",
    revocation_url="https://appleid.apple.com/auth/revoke",
    scopes=("name", "email"),
    form_post=True,
    gives_id_token=True,
    secret=make_secret,
    read=read,
)
