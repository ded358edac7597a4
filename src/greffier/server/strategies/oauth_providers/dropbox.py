"""Dropbox (https://developers.dropbox.com/oauth-guide and
https://www.dropbox.com/developers/documentation/http/documentation#users-get_current_account).

The account is asked for by a POST without a body, and so is the revocation of the access token that it
carries. Without `token_access_type` it gives no refresh token.
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import inner, required, text
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile


def read(answers: Answers) -> Profile:
    account = answers.profile
    name = inner(account, "name")
    return Profile(
        id=required(account, "account_id"),
        email_address=text(account, "email"),
        email_verified=account.get("email_verified") is True,
        first_name=text(name, "given_name"),
        last_name=text(name, "surname"),
        image_url=text(account, "profile_photo_url"),
    )


PROVIDER = OAuthProvider(
    key="dropbox",
    name="Dropbox",
    authorization_url="https://www.dropbox.com/oauth2/authorize",
    authorization_parameters={"token_access_type": "offline"},
    token_url="https://api.dropboxapi.com/oauth2/token",
    profile_url="https://api.dropboxapi.com/2/users/get_current_account",
    profile_method="POST",
    profile_body={},
    revocation_url="https://api.dropboxapi.com/2/auth/token/revoke",
    revocation_authentication="bearer",
    revocation_parameter="",
    scopes=("account_info.read",),
    read=read,
)
