"""Wire resource of providers' access tokens."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from greffier.server.users.external_accounts.provider_tokens.keeping import Tokens
from greffier.server.users.external_accounts.tables import ExternalAccountRow


class OAuthAccessToken(msgspec.Struct, kw_only=True):
    """Contract: an item of `OAuthAccessToken`. `expires_at` is in milliseconds, as every time on the wire; it
    is `null` for a token that does not expire. `token_secret` is one of OAuth 1, which no provider here
    uses."""

    object: Literal["oauth_access_token"] = "oauth_access_token"
    external_account_id: str
    provider_user_id: str
    token: str
    expires_at: int | None
    provider: str
    public_metadata: dict[str, Any] = {}
    label: str | None = None
    scopes: list[str]
    id_token: str | UnsetType = UNSET

    def __repr__(self) -> str:
        return "OAuthAccessToken(...)"  # never in a log or a traceback


def access_token_resource(account: ExternalAccountRow, tokens: Tokens) -> OAuthAccessToken:
    return OAuthAccessToken(
        external_account_id=account.id,
        provider_user_id=account.provider_user_id or "",
        token=tokens.access_token,
        expires_at=tokens.expire_at,
        provider=account.strategy,
        scopes=list(tokens.scopes),
        id_token=tokens.id_token or UNSET,
    )
