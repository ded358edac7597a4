"""Notion (https://developers.notion.com/docs/authorization and
https://developers.notion.com/reference/create-a-token).

The answer of the token endpoint describes the user, unless the grant belongs to a workspace. Notion does not
say whether the address is verified. Revocation: https://developers.notion.com/reference/revoke-token.
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import inner, required, split_name, text
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile


def read(answers: Answers) -> Profile:
    user = inner(inner(answers.token, "owner"), "user")
    first, last = split_name(text(user, "name"))
    return Profile(
        id=required(user, "id"),
        email_address=text(inner(user, "person"), "email"),
        first_name=first,
        last_name=last,
        image_url=text(user, "avatar_url"),
    )


PROVIDER = OAuthProvider(
    key="notion",
    name="Notion",
    authorization_url="https://api.notion.com/v1/oauth/authorize",
    authorization_parameters={"owner": "user"},
    token_url="https://api.notion.com/v1/oauth/token",
    token_headers={"notion-version": "2025-09-03"},
    revocation_url="https://api.notion.com/v1/oauth/revoke",
    pkce=False,
    client_authentication="json_basic",
    read=read,
)
