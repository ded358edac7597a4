"""Google (https://developers.google.com/identity/openid-connect/openid-connect)."""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import read_claims
from greffier.server.strategies.oauth_providers.provider import OAuthProvider

PROVIDER = OAuthProvider(
    key="google",
    name="Google",
    issuer="https://accounts.google.com",
    scopes=("openid", "email", "profile"),
    gives_id_token=True,
    read=read_claims,
)
