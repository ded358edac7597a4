"""Discord (https://discord.com/developers/docs/topics/oauth2 and
https://discord.com/developers/docs/resources/user#user-object).

PKCE is for public clients. The avatar is a hash
(https://discord.com/developers/docs/reference#image-formatting).
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import required, split_name, text
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile


def read(answers: Answers) -> Profile:
    user = answers.profile
    user_id, avatar = required(user, "id"), text(user, "avatar")
    first, last = split_name(text(user, "global_name"))
    return Profile(
        id=user_id,
        email_address=text(user, "email"),
        email_verified=user.get("verified") is True,
        first_name=first,
        last_name=last,
        username=text(user, "username"),
        image_url=f"https://cdn.discordapp.com/avatars/{user_id}/{avatar}.png" if avatar else None,
    )


PROVIDER = OAuthProvider(
    key="discord",
    name="Discord",
    authorization_url="https://discord.com/oauth2/authorize",
    token_url="https://discord.com/api/oauth2/token",
    profile_url="https://discord.com/api/users/@me",
    revocation_url="https://discord.com/api/oauth2/token/revoke",
    scopes=("identify", "email"),
    pkce=False,
    read=read,
)
