"""Slack (https://docs.slack.dev/authentication/sign-in-with-slack/ and
https://docs.slack.dev/reference/methods/openid.connect.userInfo).

`sub` is the user's id in Slack, which is unique across workspaces. Claims of workspaces have URLs as names.
"""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import read_claims
from greffier.server.strategies.oauth_providers.provider import OAuthProvider

PROVIDER = OAuthProvider(
    key="slack",
    name="Slack",
    issuer="https://slack.com",
    scopes=("openid", "profile", "email"),
    pkce=False,
    gives_id_token=True,
    read=read_claims,
)
