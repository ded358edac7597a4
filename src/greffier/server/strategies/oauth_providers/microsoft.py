"""Microsoft (https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc and
https://learn.microsoft.com/en-us/entra/identity-platform/migrate-off-email-claim-authorization).

Each tenant is an issuer of its own. An administrator of any tenant can give a user any address: it counts as
verified only with `xms_edov`, an optional claim that the registration must ask for. It gives refresh tokens
with `offline_access` (https://learn.microsoft.com/en-us/entra/identity-platform/scopes-oidc).
"""

from __future__ import annotations

import msgspec

from greffier.server.strategies.oauth_providers.openid import profile_of, text
from greffier.server.strategies.oauth_providers.provider import Answers, OAuthProvider, Profile


def read(answers: Answers) -> Profile:
    """Claims of the ID token come first: `xms_edov` speaks of the address beside it.

    `preferred_username` is an address, and `picture` needs an access token: neither is read."""
    profile = profile_of({**answers.profile, **answers.claims})
    verified = text(answers.claims, "email") is not None and answers.claims.get("xms_edov") in (
        True,
        "1",
        "true",
    )
    return msgspec.structs.replace(profile, email_verified=verified, username=None, image_url=None)


PROVIDER = OAuthProvider(
    key="microsoft",
    name="Microsoft",
    issuer_pattern=r"https://login\.microsoftonline\.com/[0-9a-f-]{36}/v2\.0",
    authorization_url="https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    token_url="https://login.microsoftonline.com/common/oauth2/v2.0/token",
    profile_url="https://graph.microsoft.com/oidc/userinfo",
    jwks_url="https://login.microsoftonline.com/common/discovery/v2.0/keys",
    scopes=("openid", "profile", "email", "offline_access", "User.Read"),
    gives_id_token=True,
    read=read,
)
