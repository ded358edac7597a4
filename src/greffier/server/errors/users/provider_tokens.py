"""Tokens of other sites that cannot be handed out."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, api_error


def oauth_token_provider_not_enabled() -> ApiError:
    return api_error(
        404,
        "oauth_token_provider_not_enabled",
        "Provider not enabled",
        "This instance has no such provider, or it is not switched on.",
    )


def oauth_missing_access_token() -> ApiError:
    return api_error(
        422,
        "oauth_missing_access_token",
        "No access token",
        "There is no token of this account. The user has to connect it once more.",
    )


def oauth_missing_refresh_token() -> ApiError:
    """The account notes that it has to be connected once more."""
    return api_error(
        422,
        "oauth_missing_refresh_token",
        "Access token expired",
        "The access token has expired, and the provider gave no refresh token. The user has to connect the "
        "account once more.",
        keep_changes=True,
    )


def oauth_token_retrieval_error() -> ApiError:
    """If the provider gives none any more, the account notes that it has to be connected once more."""
    return api_error(
        400,
        "oauth_token_retrieval_error",
        "No new access token",
        "The access token has expired, and the provider gave no new one. Try again later, or let the user "
        "connect the account once more.",
        keep_changes=True,
    )


def external_account_missing_refresh_token() -> ApiError:
    """Of an account in a profile."""
    return api_error(
        400,
        "external_account_missing_refresh_token",
        "Account is disconnected",
        "The other site gives no access to this account any more. Connect it once more.",
    )
