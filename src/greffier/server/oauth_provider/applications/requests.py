"""Requests about applications."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
CallbackUrl = Annotated[str, msgspec.Meta(max_length=1024)]


class OAuthApplicationRequest(msgspec.Struct, kw_only=True):
    """A new application; null is as good as absent."""

    name: Name
    redirect_uris: list[str] | None = None
    callback_url: CallbackUrl | None = None
    scopes: str | None = None
    consent_screen_enabled: bool | None = None
    pkce_required: bool | None = None
    public: bool | None = None


class OAuthApplicationPatch(msgspec.Struct, kw_only=True):
    """Changes of an application; absent or null fields stay."""

    name: Name | None = None
    redirect_uris: list[str] | None = None
    callback_url: CallbackUrl | None = None
    scopes: str | None = None
    consent_screen_enabled: bool | None = None
    pkce_required: bool | None = None
    public: bool | None = None


class RegistrationRequest(msgspec.Struct, kw_only=True):
    """Contract: `OAuth.DynamicClientRegistrationRequest`, not decoded: whether registration is on is checked
    first. Other metadata are ignored (RFC 7591 section 2).
    """

    redirect_uris: Any = None
    token_endpoint_auth_method: Any = None
    client_name: Any = None
    client_uri: Any = None
    logo_uri: Any = None
    scope: Any = None
