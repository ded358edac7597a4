"""Errors of passkeys."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, api_error


def passkeys_not_enabled() -> ApiError:
    return api_error(403, "feature_not_enabled", "Not enabled", "Passkeys are not enabled for this instance.")


def passkey_by_impersonator() -> ApiError:
    return api_error(
        403,
        "feature_not_enabled",
        "Not while impersonating",
        "A passkey would outlive the impersonation, so only the user themselves can add one.",
    )


def passkey_quota_exceeded(maximum: int) -> ApiError:
    return api_error(
        403,
        "passkey_quota_exceeded",
        "Too many passkeys",
        f"You have {maximum} passkeys already. Remove one before you add another.",
    )


def passkey_not_registered() -> ApiError:
    return api_error(
        404,
        "passkey_not_registered",
        "Passkey not registered",
        "This passkey belongs to no account that it could sign in to here.",
        keep_changes=True,
    )


def no_passkeys_found_for_user() -> ApiError:
    return api_error(
        400,
        "no_passkeys_found_for_user",
        "No passkeys found",
        "This account has no passkey that works on this domain. Use another method.",
    )


def passkey_authentication_failure() -> ApiError:
    """Not an attempt that counts towards a lock: signatures are not guessed, and ids of passkeys are known
    to others."""
    return api_error(
        400,
        "passkey_authentication_failure",
        "Passkey not accepted",
        "The passkey could not be verified. Try again, or use another method.",
        keep_changes=True,
    )


def passkey_registration_failure(*, keep_changes: bool = True) -> ApiError:
    return api_error(
        400,
        "passkey_registration_failure",
        "Passkey not registered",
        "The passkey could not be registered. Try again.",
        keep_changes=keep_changes,
    )


def passkey_invalid_public_key_credential() -> ApiError:
    return api_error(
        422,
        "passkey_invalid_public_key_credential",
        "Invalid credential",
        "public_key_credential must be the JSON text of a public key credential.",
        param_name="public_key_credential",
    )


def passkey_invalid_verification() -> ApiError:
    return api_error(
        400,
        "passkey_invalid_verification",
        "Invalid verification",
        "There is no challenge to answer any more: each is good for one attempt. Start again.",
    )


def passkey_identification_not_verified() -> ApiError:
    return api_error(
        422,
        "passkey_identification_not_verified",
        "Passkey not verified",
        "The passkey has not been verified yet.",
    )
