"""LinkedIn
(https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2).

ID tokens have no nonce, and PKCE is for native apps.
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import read_claims
from greffier.server.strategies.oauth_providers.provider import OAuthProvider

PROVIDER = OAuthProvider(
    key="linkedin_oidc",
    name="LinkedIn",
    issuer="https://www.linkedin.com/oauth",
    authorization_url="https://www.linkedin.com/oauth/v2/authorization",
    token_url="https://www.linkedin.com/oauth/v2/accessToken",
    profile_url="https://api.linkedin.com/v2/userinfo",
    jwks_url="https://www.linkedin.com/oauth/openid/jwks",
    scopes=("openid", "profile", "email"),
    pkce=False,
    nonce=False,
    gives_id_token=True,
    read=read_claims,
)
