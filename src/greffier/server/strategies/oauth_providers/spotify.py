"""Spotify (https://developer.spotify.com/documentation/web-api/tutorials/code-flow and
https://developer.spotify.com/documentation/web-api/reference/get-current-users-profile).

The address is what the user typed: Spotify has not verified it.
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import objects, required, split_name, text
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile


def read(answers: Answers) -> Profile:
    """`account_id` never changes; `id` is the older name of the account, which may."""
    user = answers.profile
    first, last = split_name(text(user, "display_name"))
    return Profile(
        id=required(user, "account_id" if "account_id" in user else "id"),
        email_address=text(user, "email"),
        first_name=first,
        last_name=last,
        image_url=next((text(image, "url") for image in objects(user.get("images"))), None),
    )


PROVIDER = OAuthProvider(
    key="spotify",
    name="Spotify",
    authorization_url="https://accounts.spotify.com/authorize",
    token_url="https://accounts.spotify.com/api/token",
    profile_url="https://api.spotify.com/v1/me",
    scopes=("user-read-email",),
    client_authentication="basic",
    read=read,
)
