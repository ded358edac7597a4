"""Google (https://developers.google.com/identity/openid-connect/openid-connect and
https://developers.google.com/identity/protocols/oauth2/web-server).

Without `access_type` it gives no refresh token, and later it gives one only with `prompt=consent`. With
`include_granted_scopes` a token is good for what the user granted before, too.
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import read_claims
from greffier.server.strategies.oauth_providers.provider import OAuthProvider

PROVIDER = OAuthProvider(
    key="google",
    name="Google",
    issuer="https://accounts.google.com",
    scopes=("openid", "email", "profile"),
    authorization_parameters={"access_type": "offline", "include_granted_scopes": "true"},
    consent_parameters={"prompt": "consent"},
    gives_id_token=True,
    read=read_claims,
)
