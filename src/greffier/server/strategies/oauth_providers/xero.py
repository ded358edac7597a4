"""Xero (https://developer.xero.com/documentation/guides/oauth2/auth-flow/ and
https://developer.xero.com/documentation/guides/oauth2/sign-in/).

The ID token describes the user, without saying whether the address is verified. PKCE is for apps without a
secret. It gives refresh tokens with `offline_access`.
"""

from __future__ import annotations

import msgspec

from greffier.server.strategies.oauth_providers.openid import profile_of
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile


def read(answers: Answers) -> Profile:
    """`preferred_username` is the address."""
    return msgspec.structs.replace(profile_of(answers.claims), username=None)


PROVIDER = OAuthProvider(
    key="xero",
    name="Xero",
    issuer="https://identity.xero.com",
    authorization_url="https://login.xero.com/identity/connect/authorize",
    token_url="https://identity.xero.com/connect/token",
    jwks_url="https://identity.xero.com/.well-known/openid-configuration/jwks",
    revocation_url="https://identity.xero.com/connect/revocation",
    scopes=("openid", "profile", "email", "offline_access"),
    pkce=False,
    client_authentication="basic",
    gives_id_token=True,
    read=read,
)
