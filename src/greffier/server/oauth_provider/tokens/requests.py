"""Requests about tokens."""

from __future__ import annotations

import msgspec

from greffier.server.oauth_provider.applications.client_authentication import ClientCredentials


class TokenRevocationRequest(msgspec.Struct, kw_only=True):
    token: str


class AccessTokenVerificationRequest(msgspec.Struct, kw_only=True):
    """The token, by the name that the contract has, its former one, or that of SDKs for other tokens."""

    access_token: str | None = None
    secret: str | None = None
    token: str | None = None


class TokenForm(ClientCredentials, kw_only=True):
    """Contract: the body of `getOAuthToken`."""

    grant_type: str | None = None
    code: str | None = None
    redirect_uri: str | None = None
    code_verifier: str | None = None
    refresh_token: str | None = None
    scope: str | None = None
    resource: list[str] = []


class TokenInfoForm(ClientCredentials, kw_only=True):
    """Contract: the body of `getOAuthTokenInfo`."""

    token: str | None = None
    token_type_hint: str | None = None
    scope: str | None = None


class RevocationForm(ClientCredentials, kw_only=True):
    """Contract: the body of `revokeOAuthToken`. A public client says here which one it is (RFC 7009)."""

    token: str | None = None
    token_type_hint: str | None = None


class UserInfoForm(msgspec.Struct, kw_only=True):
    """The token as a form parameter (RFC 6750 section 2.2)."""

    access_token: str | None = None
