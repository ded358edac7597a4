"""Errors of second factors."""

from __future__ import annotations

from typing import Literal

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


_UNVERIFIED = {
    "create": "identification_create_second_factor_unverified",
    "update": "identification_update_second_factor_unverified",
}


def second_factor_unverified(action: Literal["create", "update"]) -> ApiError:
    return api_error(
        400,
        _UNVERIFIED[action],
        "Identification not verified",
        "It can be a second factor only once it is verified.",
    )


def second_factor_deletion_not_allowed() -> ApiError:
    return api_error(
        400,
        "second_factor_deletion_not_allowed",
        "Second factor needed",
        "You must have a second factor here. Add another one before you remove the last.",
    )


def last_identification_reserved() -> ApiError:
    return api_error(
        400,
        "identification_deletion_failed",
        "Last identification",
        "You sign in with it. Add something else to sign in with before it becomes your second factor.",
    )
