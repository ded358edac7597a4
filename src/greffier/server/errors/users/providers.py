"""Errors of OAuth providers that an instance cannot use as it is asked to."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, api_error


def oauth_unsupported_provider() -> ApiError:
    return api_error(
        400, "oauth_unsupported_provider", "Unknown provider", "There is no OAuth provider of this name."
    )


def oauth_provider_not_enabled() -> ApiError:
    return api_error(
        400,
        "oauth_provider_not_enabled",
        "Provider not enabled",
        "This OAuth provider is not enabled. Use another method.",
    )


def oauth_non_authenticatable_provider() -> ApiError:
    return api_error(
        400,
        "oauth_non_authenticatable_provider",
        "Provider does not sign in",
        "Accounts of this OAuth provider are connected in the profile. Sign in by another method.",
    )


def redirect_uri_mismatch() -> ApiError:
    """The registration at the provider lacks this server's `/v1/oauth_callback`."""
    return api_error(
        400,
        "redirect_uri_mismatch",
        "Redirect URI is not registered",
        "The other site does not know the address to which it is to lead back. Use another method, and tell "
        "the owner of this application.",
    )


def oauth_token_exchange_error() -> ApiError:
    return api_error(
        400,
        "oauth_token_exchange_error",
        "No tokens were given",
        "The other site did not accept its own answer. Try again, or use another method.",
    )
