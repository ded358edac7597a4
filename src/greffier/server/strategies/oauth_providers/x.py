"""X (https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token and
https://docs.x.com/x-api/users/get-my-user).

PKCE is required. The address is given to apps alone that request it in their settings, so it has a request of
its own, which may be refused; X names confirmed addresses only.
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import inner, required, split_name, text
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile

_ADDRESS = "https://api.x.com/2/users/me?user.fields=confirmed_email"


def read(answers: Answers) -> Profile:
    user = inner(answers.profile, "data")
    address = text(inner(inner(answers.more, _ADDRESS), "data"), "confirmed_email")
    first, last = split_name(text(user, "name"))
    return Profile(
        id=required(user, "id"),
        email_address=address,
        email_verified=address is not None,
        first_name=first,
        last_name=last,
        username=text(user, "username"),
        image_url=text(user, "profile_image_url"),
    )


PROVIDER = OAuthProvider(
    key="x",
    name="X",
    authorization_url="https://x.com/i/oauth2/authorize",
    token_url="https://api.x.com/2/oauth2/token",
    profile_url="https://api.x.com/2/users/me?user.fields=profile_image_url",
    more_urls=(_ADDRESS,),
    revocation_url="https://api.x.com/2/oauth2/revoke",
    scopes=("users.read", "users.email", "tweet.read", "offline.access"),
    client_authentication="basic",
    read=read,
)
