"""Linear (https://linear.app/developers/oauth-2-0-authentication and
https://linear.app/developers/graphql).

The user is asked for by GraphQL. Linear does not say whether the address is verified.
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import inner, required, split_name, text
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile


def read(answers: Answers) -> Profile:
    viewer = inner(inner(answers.profile, "data"), "viewer")
    first, last = split_name(text(viewer, "name"))
    return Profile(
        id=required(viewer, "id"),
        email_address=text(viewer, "email"),
        first_name=first,
        last_name=last,
        image_url=text(viewer, "avatarUrl"),
    )


PROVIDER = OAuthProvider(
    key="linear",
    name="Linear",
    authorization_url="https://linear.app/oauth/authorize",
    token_url="https://api.linear.app/oauth/token",
    profile_url="https://api.linear.app/graphql",
    profile_method="POST",
    profile_body={"query": "{ viewer { id name email avatarUrl } }"},
    revocation_url="https://api.linear.app/oauth/revoke",
    scopes=("read",),
    scope_separator=",",
    read=read,
)
