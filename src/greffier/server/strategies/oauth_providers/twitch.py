"""Twitch (https://dev.twitch.tv/docs/authentication/getting-tokens-oidc/).

Claims are given only when the parameter `claims` (OpenID Connect Core 1.0 section 5.5) names them, and no
names of people are among them. `scope` of the token answer is a list.
"""

from __future__ import annotations

import json

from greffier.server.strategies.oauth_providers.openid import read_claims
from greffier.server.strategies.oauth_providers.provider import OAuthProvider

_CLAIMS = dict.fromkeys(("email", "email_verified", "picture", "preferred_username"))

PROVIDER = OAuthProvider(
    key="twitch",
    name="Twitch",
    issuer="https://id.twitch.tv/oauth2",
    authorization_url="https://id.twitch.tv/oauth2/authorize",
    authorization_parameters={"claims": json.dumps({"id_token": _CLAIMS, "userinfo": _CLAIMS})},
    token_url="https://id.twitch.tv/oauth2/token",
    profile_url="https://id.twitch.tv/oauth2/userinfo",
    jwks_url="https://id.twitch.tv/oauth2/keys",
    revocation_url="https://id.twitch.tv/oauth2/revoke",
    scopes=("openid", "user:read:email"),
    pkce=False,
    gives_id_token=True,
    read=read_claims,
)
