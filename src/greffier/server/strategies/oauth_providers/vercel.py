"""Vercel (https://vercel.com/docs/sign-in-with-vercel/authorization-server-api and
https://vercel.com/docs/sign-in-with-vercel/tokens).

PKCE is required.
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import read_claims
from greffier.server.strategies.oauth_providers.provider import OAuthProvider

PROVIDER = OAuthProvider(
    key="vercel",
    name="Vercel",
    issuer="https://vercel.com",
    authorization_url="https://vercel.com/oauth/authorize",
    token_url="https://api.vercel.com/login/oauth/token",
    profile_url="https://api.vercel.com/login/oauth/userinfo",
    jwks_url="https://vercel.com/.well-known/jwks",
    revocation_url="https://api.vercel.com/login/oauth/token/revoke",
    scopes=("openid", "email", "profile", "offline_access"),
    gives_id_token=True,
    read=read_claims,
)
