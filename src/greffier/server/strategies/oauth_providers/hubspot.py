"""HubSpot (https://developers.hubspot.com/docs/api-reference/auth-oauth-v3/guide and
https://developers.hubspot.com/docs/api-reference/latest/authentication/oauth-tokens/token-introspect).

The introspection of the access token has the user's id and address, without saying whether that is verified.
Names are no part of it.
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import required, text
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile


def read(answers: Answers) -> Profile:
    token = answers.profile
    return Profile(id=required(token, "user_id"), email_address=text(token, "user"))


PROVIDER = OAuthProvider(
    key="hubspot",
    name="HubSpot",
    authorization_url="https://app.hubspot.com/oauth/authorize",
    token_url="https://api.hubapi.com/oauth/2026-03/token",
    profile_url="https://api.hubapi.com/oauth/2026-03/token/introspect",
    profile_by_introspection=True,
    scopes=("oauth",),
    pkce=False,
    read=read,
)
