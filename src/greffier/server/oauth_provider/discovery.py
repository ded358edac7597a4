"""Discovery documents: the endpoints and their capabilities."""

from __future__ import annotations

import msgspec

from greffier.server.oauth_provider.scopes import DESCRIPTIONS
from greffier.server.web.context import Context

_GRANT_TYPES = ("authorization_code", "refresh_token")
_CLIENT_AUTHENTICATION = ("client_secret_basic", "none", "client_secret_post")
_CLAIMS = (
    "aud",
    "auth_time",
    "email",
    "email_verified",
    "exp",
    "family_name",
    "given_name",
    "iat",
    "iss",
    "name",
    "picture",
    "preferred_username",
    "sub",
)


class OpenIDConfiguration(msgspec.Struct, kw_only=True):
    """OpenID Connect Discovery 1.0 section 3; the contract's `WellKnown.OpenIDConfiguration`."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    scopes_supported: list[str]
    response_types_supported: tuple[str, ...] = ("code",)
    response_modes_supported: tuple[str, ...] = ("query", "form_post")
    grant_types_supported: tuple[str, ...] = _GRANT_TYPES
    subject_types_supported: tuple[str, ...] = ("public",)
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = _CLIENT_AUTHENTICATION
    claims_supported: tuple[str, ...] = _CLAIMS
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    backchannel_logout_supported: bool = False
    frontchannel_logout_supported: bool = False
    authorization_response_iss_parameter_supported: bool = True
    """RFC 9207; the contract does not have it."""


class AuthorizationServerMetadata(msgspec.Struct, kw_only=True):
    """RFC 8414; the contract's `WellKnown.OAuth2AuthorizationServerMetadata`."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    jwks_uri: str
    registration_endpoint: str | msgspec.UnsetType = msgspec.UNSET
    response_types_supported: tuple[str, ...] = ("code",)
    grant_types_supported: tuple[str, ...] = _GRANT_TYPES
    token_endpoint_auth_methods_supported: tuple[str, ...] = _CLIENT_AUTHENTICATION
    scopes_supported: list[str]
    subject_types_supported: tuple[str, ...] = ("public",)
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    claims_supported: tuple[str, ...] = _CLAIMS
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    client_id_metadata_document_supported: bool = False
    authorization_response_iss_parameter_supported: bool = True
    """RFC 9207; the contract does not have it."""


def open_id_configuration(ctx: Context) -> OpenIDConfiguration:
    base = ctx.public_url
    return OpenIDConfiguration(
        issuer=ctx.instance.issuer,
        authorization_endpoint=f"{base}/oauth/authorize",
        token_endpoint=f"{base}/oauth/token",
        revocation_endpoint=f"{base}/oauth/token/revoke",
        introspection_endpoint=f"{base}/oauth/token_info",
        userinfo_endpoint=f"{base}/oauth/userinfo",
        jwks_uri=f"{base}/.well-known/jwks.json",
        scopes_supported=list(DESCRIPTIONS),
    )


def authorization_server_metadata(ctx: Context) -> AuthorizationServerMetadata:
    """The registration endpoint is named only where it answers."""
    base = ctx.public_url
    open_to_all = ctx.instance.settings.oauth_provider.dynamic_registration
    return AuthorizationServerMetadata(
        issuer=ctx.instance.issuer,
        authorization_endpoint=f"{base}/oauth/authorize",
        token_endpoint=f"{base}/oauth/token",
        revocation_endpoint=f"{base}/oauth/token/revoke",
        jwks_uri=f"{base}/.well-known/jwks.json",
        registration_endpoint=f"{base}/oauth/register" if open_to_all else msgspec.UNSET,
        scopes_supported=list(DESCRIPTIONS),
    )
