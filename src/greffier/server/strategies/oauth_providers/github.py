"""GitHub (https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps,
https://docs.github.com/en/rest/users/users and https://docs.github.com/en/rest/users/emails).

The token endpoint writes JSON only when asked for it, and errors with status 200. The user has the public
address alone, so the addresses are asked for. Revocation deletes the user's grant
(https://docs.github.com/en/rest/apps/oauth-applications#delete-an-app-authorization).
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import flagged, required, split_name, text
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile

_ADDRESSES = "https://api.github.com/user/emails"


def read(answers: Answers) -> Profile:
    user = answers.profile
    primary = flagged(answers.more.get(_ADDRESSES), "primary")
    first, last = split_name(text(user, "name"))
    return Profile(
        id=required(user, "id"),
        email_address=text(primary, "email"),
        email_verified=primary.get("verified") is True,
        first_name=first,
        last_name=last,
        username=text(user, "login"),
        image_url=text(user, "avatar_url"),
    )


PROVIDER = OAuthProvider(
    key="github",
    name="GitHub",
    authorization_url="https://github.com/login/oauth/authorize",
    token_url="https://github.com/login/oauth/access_token",
    token_headers={"accept": "application/json"},
    profile_url="https://api.github.com/user",
    profile_headers={"accept": "application/vnd.github+json"},
    more_urls=(_ADDRESSES,),
    revocation_url="https://api.github.com/applications/{client_id}/grant",
    revocation_method="DELETE",
    revocation_authentication="json_basic",
    revocation_parameter="access_token",
    scopes=("read:user", "user:email"),
    read=read,
)
