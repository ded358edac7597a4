"""Public keys, as everybody sees them."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server.web.context import Context
from greffier.server.web.operations import frontend_api


class Jwks(msgspec.Struct):
    """A JSON Web Key Set (RFC 7517 section 5)."""

    keys: list[dict[str, Any]]


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
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    claims_supported: list[str]
    code_challenge_methods_supported: list[str]
    backchannel_logout_supported: bool = False
    frontchannel_logout_supported: bool = False


@frontend_api.get("/.well-known/jwks.json", bare=True)
async def get_jwks(ctx: Context) -> Jwks:
    return Jwks(ctx.services.signing.jwks(ctx.instance.id))


@frontend_api.get("/.well-known/openid-configuration", bare=True)
async def get_open_id_configuration(ctx: Context) -> OpenIDConfiguration:
    base = ctx.public_url
    return OpenIDConfiguration(
        issuer=ctx.instance.issuer,
        authorization_endpoint=f"{base}/oauth/authorize",
        token_endpoint=f"{base}/oauth/token",
        revocation_endpoint=f"{base}/oauth/token/revoke",
        introspection_endpoint=f"{base}/oauth/token_info",
        userinfo_endpoint=f"{base}/oauth/userinfo",
        jwks_uri=f"{base}/.well-known/jwks.json",
        scopes_supported=["openid", "profile", "email", "public_metadata", "private_metadata"],
        response_types_supported=["code"],
        response_modes_supported=["query", "form_post"],
        grant_types_supported=["authorization_code", "refresh_token"],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["RS256"],
        token_endpoint_auth_methods_supported=["client_secret_basic", "none", "client_secret_post"],
        claims_supported=["aud", "exp", "iat", "iss", "sub", "email", "name"],
        code_challenge_methods_supported=["S256"],
    )
