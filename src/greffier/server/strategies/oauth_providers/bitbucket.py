"""Bitbucket (https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/ and
https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/).

Scopes are fixed by the registration of the consumer.
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import flagged, inner, required, split_name, text
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile

_ADDRESSES = "https://api.bitbucket.org/2.0/user/emails"


def read(answers: Answers) -> Profile:
    user = answers.profile
    primary = flagged(inner(answers.more, _ADDRESSES).get("values"), "is_primary")
    first, last = split_name(text(user, "display_name"))
    return Profile(
        id=required(user, "uuid"),
        email_address=text(primary, "email"),
        email_verified=primary.get("is_confirmed") is True,
        first_name=first,
        last_name=last,
        username=text(user, "username"),
        image_url=text(inner(inner(user, "links"), "avatar"), "href"),
    )


PROVIDER = OAuthProvider(
    key="bitbucket",
    name="Bitbucket",
    authorization_url="https://bitbucket.org/site/oauth2/authorize",
    token_url="https://bitbucket.org/site/oauth2/access_token",
    profile_url="https://api.bitbucket.org/2.0/user",
    more_urls=(_ADDRESSES,),
    scopes=("account", "email"),
    pkce=False,
    client_authentication="basic",
    read=read,
)
