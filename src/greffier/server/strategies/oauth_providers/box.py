"""Box (https://developer.box.com/guides/authentication/oauth2/ and
https://developer.box.com/reference/get-users-me/).

Scopes are set at the app. It does not say whether the address, which is the login, is verified.
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import required, split_name, text
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile


def read(answers: Answers) -> Profile:
    user = answers.profile
    first, last = split_name(text(user, "name"))
    return Profile(
        id=required(user, "id"),
        email_address=text(user, "login"),
        first_name=first,
        last_name=last,
        image_url=text(user, "avatar_url"),
    )


PROVIDER = OAuthProvider(
    key="box",
    name="Box",
    authorization_url="https://account.box.com/api/oauth2/authorize",
    token_url="https://api.box.com/oauth2/token",
    profile_url="https://api.box.com/2.0/users/me",
    revocation_url="https://api.box.com/oauth2/revoke",
    pkce=False,
    read=read,
)
