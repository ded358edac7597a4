"""Errors of this server as an OAuth provider. Codes are those of RFC 6749 section 5.2 and its successors,
which `oauth_provider/` writes in their own shape, except where the contract has the usual envelope.
"""

from __future__ import annotations

from greffier.server.errors.base import ApiError, api_error


def oauth_invalid_request(why: str) -> ApiError:
    return api_error(400, "invalid_request", "Invalid request", why)


def oauth_invalid_client() -> ApiError:
    """One text for all reasons: guessing reveals nothing."""
    error = api_error(401, "invalid_client", "Invalid client", "Client authentication failed.")
    error.headers["WWW-Authenticate"] = 'Basic realm="oauth"'
    return error


def oauth_invalid_grant(why: str, *, keep_changes: bool = False) -> ApiError:
    return api_error(400, "invalid_grant", "Invalid grant", why, keep_changes=keep_changes)


def oauth_invalid_target(why: str) -> ApiError:
    """RFC 8707 section 2."""
    return api_error(400, "invalid_target", "Invalid target", why)


def oauth_unsupported_grant_type() -> ApiError:
    """RFC 6749 has 400 for it, the contract 401."""
    return api_error(
        401,
        "unsupported_grant_type",
        "Unsupported grant type",
        "grant_type must be authorization_code or refresh_token.",
    )


def oauth_unsupported_token_type() -> ApiError:
    """RFC 7009 section 2.2.1."""
    return api_error(
        400,
        "unsupported_token_type",
        "Unsupported token type",
        "An access token that is a JWT is verified without asking. Revoke the refresh token instead.",
    )


def oauth_invalid_token() -> ApiError:
    """RFC 6750 section 3.1."""
    error = api_error(
        401, "invalid_token", "Invalid token", "The access token is missing, or not good any more."
    )
    error.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return error


def oauth_client_unknown() -> ApiError:
    return api_error(401, "oauth_client_unknown", "Unknown application", "No application has this client_id.")


def oauth_redirect_uri_invalid(why: str) -> ApiError:
    return api_error(400, "redirect_uri_mismatch", "Invalid redirect_uri", why)


def oauth_consent_screen_disabled() -> ApiError:
    return api_error(
        422,
        "feature_requires_oauth2_consent_screen_enabled",
        "Consent screen is not enabled",
        "This application does not ask its users for consent.",
    )


def oauth_registration_disabled() -> ApiError:
    return api_error(
        422,
        "feature_requires_dynamic_oauth_client_registration",
        "Dynamic client registration is not enabled",
        "The settings of this instance do not let applications register themselves.",
    )


def oauth_registration_refused(code: str, why: str) -> ApiError:
    """RFC 7591 section 3.2.2. Args: code: `invalid_redirect_uri` or `invalid_client_metadata`."""
    return api_error(400, code, "Invalid client metadata", why)
