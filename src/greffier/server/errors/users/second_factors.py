"""Errors of authenticator apps and backup codes."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, ErrorItem, api_error, form_item


def second_factor_not_enabled() -> ApiError:
    return api_error(
        403,
        "feature_not_enabled",
        "Not enabled",
        "Authenticator apps are not enabled for this instance.",
    )


def encryption_key_missing() -> ApiError:
    return api_error(
        403,
        "feature_not_enabled",
        "Not available",
        "This needs an encryption key that this server does not have.",
    )


def totp_already_enabled() -> ApiError:
    return api_error(
        400,
        "totp_already_enabled",
        "TOTP already enabled",
        "You have an authenticator app already. Remove it before you add another one.",
    )


def totp_disabled() -> ApiError:
    """The answer to an application's server, which named the user."""
    return api_error(400, "totp_disabled", "TOTP disabled", "This user has no authenticator app.")


def totp_code_incorrect() -> ApiError:
    """The answer to an application's server, which named the user."""
    return api_error(
        422,
        "totp_incorrect_code",
        "Incorrect code",
        "The code is neither one of the user's authenticator app nor one of their backup codes.",
    )


def totp_secret_invalid() -> ErrorItem:
    return form_item(
        "invalid_totp_secret_code",
        "totp_secret",
        "is invalid",
        "totp_secret must be base32 (RFC 4648) of 10 to 64 bytes.",
    )


def backup_codes_not_available() -> ApiError:
    return api_error(
        400,
        "backup_codes_not_available",
        "Backup codes not available",
        "Backup codes need another second factor, and an instance that has them enabled.",
    )


def not_for_impersonators() -> ApiError:
    """Impersonation shows what the user sees; it does not change how they sign in."""
    return api_error(
        403,
        "authorization_invalid",
        "Not allowed while impersonating",
        "Only the user themselves can do this.",
    )


def reverification_required() -> ApiError:
    """Browser SDKs ask for a factor and then send the request again."""
    return api_error(
        403,
        "session_reverification_required",
        "Reverification required",
        "Prove who you are once more before you do this.",
    )
