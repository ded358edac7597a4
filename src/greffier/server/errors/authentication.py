"""Errors of authentication: origins, keys, sessions, tickets of the protocol."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, api_error


def origin_invalid(origin: str) -> ApiError:
    return api_error(
        403,
        "origin_invalid",
        "Invalid HTTP Origin header",
        f"Requests from the origin {origin[:200]!r} are not accepted. Add it to the allowed origins.",
    )


def secret_key_invalid() -> ApiError:
    return api_error(
        401,
        "clerk_key_invalid",
        "The provided secret key is invalid",
        "The provided secret key is invalid. Make sure that your secret key is correct.",
    )


def authorization_header_malformed() -> ApiError:
    return api_error(
        401,
        "authorization_header_format_invalid",
        "Invalid Authorization header format",
        "The Authorization header must have the form `Bearer sk_...`.",
    )


def secret_key_missing() -> ApiError:
    return api_error(
        401,
        "authentication_invalid",
        "Unauthorized",
        "Send the secret key of your instance as `Authorization: Bearer sk_...`.",
    )


def credentials_in_query() -> ApiError:
    return api_error(
        400,
        "malformed_request_parameters",
        "Credentials do not belong in the URL",
        "Send the authorization in the body or in the Authorization header; URLs are logged.",
    )


def signed_out() -> ApiError:
    return api_error(401, "signed_out", "Signed out", "You are signed out.")


def session_not_found() -> ApiError:
    return api_error(
        404, "resource_not_found", "Session not found", "No session was found with the given id."
    )


def session_token_refused() -> ApiError:
    return api_error(
        401,
        "authentication_invalid",
        "Invalid authentication",
        "Unable to authenticate the request, you need to supply an active session.",
    )


def refresh_refused(code: str, why: str) -> ApiError:
    """SDKs carry the code in the reason of the handshake that they then fall back to."""
    return api_error(401, code, "The session cannot be refreshed", why)


def session_token_too_large() -> ApiError:
    """400, because browser SDKs take 401 and 422 here for signed out."""
    return api_error(
        400,
        "session_token_too_large",
        "Session token too large",
        "What the session token has to say of this user fits in no cookie. Their role in the active"
        " organization has too many permissions.",
    )


def handshake_too_large() -> ApiError:
    """Not a nonce instead: an SDK that asks for a token reads no other answer, and would ask again."""
    return api_error(
        400,
        "session_token_too_large",
        "Session token too large",
        "The application asks for its handshake as a token in a cookie, and what the session token says of"
        " this user's role does not fit. Update the application's SDK, or give it the secret key, so that it"
        " asks for a nonce; or give the role fewer permissions.",
    )


def dev_browser_unauthenticated() -> ApiError:
    return api_error(
        401,
        "dev_browser_unauthenticated",
        "Browser unauthenticated",
        "Unable to authenticate this browser for your development instance.",
    )


def development_only() -> ApiError:
    return api_error(
        400,
        "request_invalid_for_environment",
        "Development instances only",
        "This request is answered for development instances only.",
    )


def session_exists() -> ApiError:
    return api_error(
        400,
        "session_exists",
        "Session already exists",
        "You're currently in single session mode. You can only be signed into one account at a time.",
        with_client_state=True,
    )


def identifier_already_signed_in(session_id: str) -> ApiError:
    return api_error(
        400,
        "identifier_already_signed_in",
        "You're already signed in",
        "You're already signed in to this account.",
        with_client_state=True,
        session_id=session_id,
    )


def redirect_url_missing() -> ApiError:
    return api_error(
        400,
        "form_param_missing",
        "redirect_url is missing",
        "redirect_url must be included.",
        param_name="redirect_url",
    )


def redirect_url_not_allowed() -> ApiError:
    return api_error(
        422,
        "redirect_url_not_associated_with_instance",
        "The redirect URL is not allowed",
        "Browsers are sent to allowed origins only. Add the origin of redirect_url to the allowed origins.",
    )
