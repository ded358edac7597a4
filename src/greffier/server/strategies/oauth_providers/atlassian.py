"""Atlassian (https://developer.atlassian.com/cloud/oauth/getting-started/implementing-oauth-3lo/).

It does not say whether the address is verified. It gives refresh tokens with `offline_access`.
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import required, split_name, text
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile


def read(answers: Answers) -> Profile:
    user = answers.profile
    first, last = split_name(text(user, "name"))
    return Profile(
        id=required(user, "account_id"),
        email_address=text(user, "email"),
        first_name=first,
        last_name=last,
        username=text(user, "nickname"),
        image_url=text(user, "picture"),
    )


PROVIDER = OAuthProvider(
    key="atlassian",
    name="Atlassian",
    authorization_url="https://auth.atlassian.com/authorize",
    authorization_parameters={"audience": "api.atlassian.com", "prompt": "consent"},
    token_url="https://auth.atlassian.com/oauth/token",
    profile_url="https://api.atlassian.com/me",
    scopes=("read:me", "offline_access"),
    read=read,
)
