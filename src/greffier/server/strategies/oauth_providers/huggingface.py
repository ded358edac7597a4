"""Hugging Face (https://huggingface.co/docs/hub/oauth and https://huggingface.co/docs/hub/spaces-oauth)."""

from __future__ import annotations

from greffier.server.strategies.oauth_providers.openid import read_claims
from greffier.server.strategies.oauth_providers.provider import OAuthProvider

PROVIDER = OAuthProvider(
    key="huggingface",
    name="Hugging Face",
    issuer="https://huggingface.co",
    scopes=("openid", "profile", "email"),
    client_authentication="basic",
    gives_id_token=True,
    read=read_claims,
)
