"""The endpoints of the development provider that applications' servers ask: discovery, token and userinfo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from greffier.server.development_provider import tokens
from greffier.server.development_provider.registration import Registration, is_offered, registration_at
from greffier.server.development_provider.tokens import Refused
from greffier.server.web.context import Context

_NOT_FOUND = 404, {"error": "not_found"}


def respond(
    ctx: Context, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
) -> tuple[int, Any]:
    """The status and the document with which a request is answered, as by HTTP.

    Args:
        url: below the issuer of a registration.
        headers: with names in lower case.
    """
    found = registration_at(ctx, url) if is_offered(ctx) else None
    if found is None:
        return _NOT_FOUND
    registration, path = found
    match method, path:
        case "GET", "/.well-known/openid-configuration":
            return 200, _document(registration)
        case "POST", "/token":
            form = dict(parse_qsl((body or b"").decode()))
            try:
                return 200, tokens.exchange(ctx, registration, form)
            except Refused as error:
                return (401 if str(error) == "invalid_client" else 400), {"error": str(error)}
        case "GET", "/userinfo":
            return _describe(ctx, registration, headers.get("authorization", ""))
        case _:
            return _NOT_FOUND


def _document(registration: Registration) -> dict[str, Any]:
    """OpenID Connect Discovery 1.0 section 3."""
    return {
        "issuer": registration.issuer,
        "authorization_endpoint": registration.authorization_url,
        "token_endpoint": f"{registration.issuer}/token",
        "userinfo_endpoint": f"{registration.issuer}/userinfo",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["HS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }


def _describe(ctx: Context, registration: Registration, authorization: str) -> tuple[int, Any]:
    """OpenID Connect Core 1.0 section 5.3."""
    found = tokens.read(ctx, registration, "access", authorization.removeprefix("Bearer "))
    return (401, {"error": "invalid_token"}) if found is None else (200, found.grant.person.claims())
