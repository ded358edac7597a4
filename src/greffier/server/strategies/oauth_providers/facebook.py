"""Facebook (https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow and
https://developers.facebook.com/docs/graph-api/reference/user/).

The address is absent where the user has none or does not share it, and Facebook does not say whether it is
verified.
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import inner, required, split_name, text
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile


def read(answers: Answers) -> Profile:
    user = answers.profile
    first, last = text(user, "first_name"), text(user, "last_name")
    if first is None and last is None:
        first, last = split_name(text(user, "name"))
    return Profile(
        id=required(user, "id"),
        email_address=text(user, "email"),
        first_name=first,
        last_name=last,
        image_url=text(inner(inner(user, "picture"), "data"), "url"),
    )


PROVIDER = OAuthProvider(
    key="facebook",
    name="Facebook",
    authorization_url="https://www.facebook.com/v24.0/dialog/oauth",
    token_url="https://graph.facebook.com/v24.0/oauth/access_token",
    profile_url="https://graph.facebook.com/v24.0/me?fields=id,name,first_name,last_name,email,picture",
    scopes=("email", "public_profile"),
    scope_separator=",",
    pkce=False,
    read=read,
)
