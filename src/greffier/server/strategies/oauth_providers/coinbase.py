"""Coinbase (https://docs.cdp.coinbase.com/coinbase-app/oauth2-integration/integrations and
https://docs.cdp.coinbase.com/coinbase-app/oauth2-integration/overview).

New clients are for approved partners. It does not say whether the address is verified. It gives refresh
tokens with `offline_access`, and revokes access tokens, which authenticate the request
(https://docs.cdp.coinbase.com/coinbase-app/authentication-authorization/oauth2/access-and-refresh-tokens).
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import inner, required, split_name, text
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile


def read(answers: Answers) -> Profile:
    user = inner(answers.profile, "data")
    first, last = split_name(text(user, "name"))
    return Profile(
        id=required(user, "id"),
        email_address=text(user, "email"),
        first_name=first,
        last_name=last,
        username=text(user, "username"),
        image_url=text(user, "avatar_url"),
    )


PROVIDER = OAuthProvider(
    key="coinbase",
    name="Coinbase",
    authorization_url="https://login.coinbase.com/oauth2/auth",
    token_url="https://login.coinbase.com/oauth2/token",
    profile_url="https://api.coinbase.com/v2/user",
    revocation_url="https://login.coinbase.com/oauth2/revoke",
    revocation_authentication="bearer",
    scopes=("wallet:user:read", "wallet:user:email", "offline_access"),
    read=read,
)
