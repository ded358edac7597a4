"""TikTok (https://developers.tiktok.com/doc/login-kit-web/ and
https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info/).

It calls the client's id `client_key`, and tells no address. PKCE is for desktop apps. A username needs the
scope `user.info.profile` and is not asked for.
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import inner, required, split_name, text
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile


def read(answers: Answers) -> Profile:
    user = inner(inner(answers.profile, "data"), "user")
    first, last = split_name(text(user, "display_name"))
    return Profile(
        id=required(user, "open_id"), first_name=first, last_name=last, image_url=text(user, "avatar_url")
    )


PROVIDER = OAuthProvider(
    key="tiktok",
    name="TikTok",
    authorization_url="https://www.tiktok.com/v2/auth/authorize/",
    token_url="https://open.tiktokapis.com/v2/oauth/token/",
    profile_url="https://open.tiktokapis.com/v2/user/info/?fields=open_id,avatar_url,display_name",
    revocation_url="https://open.tiktokapis.com/v2/oauth/revoke/",
    scopes=("user.info.basic",),
    scope_separator=",",
    pkce=False,
    client_id_name="client_key",
    read=read,
)
