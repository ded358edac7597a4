"""LINE (https://developers.line.biz/en/docs/line-login/integrate-line-login/ and
https://developers.line.biz/en/docs/line-login/verify-id-token/).

ID tokens of web login are signed with the channel secret (HS256). They alone have the address, if the channel
was approved for it, and do not say whether it is verified. Revocation:
https://developers.line.biz/en/reference/line-login/#revoke-access-token.
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import profile_of
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile


def read(answers: Answers) -> Profile:
    return profile_of(answers.claims)


PROVIDER = OAuthProvider(
    key="line",
    name="LINE",
    issuer="https://access.line.me",
    authorization_url="https://access.line.me/oauth2/v2.1/authorize",
    token_url="https://api.line.me/oauth2/v2.1/token",
    revocation_url="https://api.line.me/oauth2/v2.1/revoke",
    revocation_parameter="access_token",
    scopes=("openid", "profile", "email"),
    gives_id_token=True,
    id_token_algorithms=("HS256",),
    id_token_by_secret=True,
    read=read,
)
