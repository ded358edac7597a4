"""GitLab.com (https://docs.gitlab.com/api/oauth2/ and
https://docs.gitlab.com/api/users/#retrieve-the-current-user).
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import required, split_name, text
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile


def read(answers: Answers) -> Profile:
    """Until the first address is confirmed, `confirmed_at` is null. A new one replaces it when confirmed."""
    user = answers.profile
    first, last = split_name(text(user, "name"))
    return Profile(
        id=required(user, "id"),
        email_address=text(user, "email"),
        email_verified=text(user, "confirmed_at") is not None,
        first_name=first,
        last_name=last,
        username=text(user, "username"),
        image_url=text(user, "avatar_url"),
    )


PROVIDER = OAuthProvider(
    key="gitlab",
    name="GitLab",
    authorization_url="https://gitlab.com/oauth/authorize",
    token_url="https://gitlab.com/oauth/token",
    profile_url="https://gitlab.com/api/v4/user",
    revocation_url="https://gitlab.com/oauth/revoke",
    scopes=("read_user",),
    read=read,
)
