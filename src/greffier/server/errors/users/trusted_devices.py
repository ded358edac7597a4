"""Errors of trusted devices."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, api_error


def trusted_devices_not_enabled() -> ApiError:
    return api_error(
        403, "feature_not_enabled", "Not enabled", "Trusted devices are not enabled for this instance."
    )


def trusted_device_by_impersonator() -> ApiError:
    return api_error(
        403,
        "feature_not_enabled",
        "Not while impersonating",
        "A device would outlive the impersonation, so only the user themselves can enroll one.",
    )


def trusted_device_app_not_configured() -> ApiError:
    return api_error(
        400,
        "trusted_device_app_identifier_not_configured",
        "Unknown app",
        "The settings of this instance do not name this app for this platform.",
    )


def trusted_device_already_enrolled() -> ApiError:
    return api_error(
        409, "trusted_device_already_enrolled", "Already enrolled", "This key is enrolled already."
    )


def too_many_trusted_devices(maximum: int) -> ApiError:
    return api_error(
        400,
        "trusted_device_credential_quota_exceeded",
        "Too many devices",
        f"You have {maximum} trusted devices already. Revoke one before you enroll another.",
    )


def trusted_device_invalid_public_key() -> ApiError:
    return api_error(
        422,
        "trusted_device_invalid_public_key",
        "Invalid key",
        "public_key_jwk must be a public JWK of the curve P-256.",
        param_name="public_key_jwk",
    )


def trusted_device_binding_mismatch() -> ApiError:
    return api_error(
        422,
        "trusted_device_binding_mismatch",
        "Not what was prepared",
        "The challenge is for another app or another key. Prepare again.",
        keep_changes=True,
    )


def trusted_device_challenge_not_found() -> ApiError:
    return api_error(
        400,
        "trusted_device_challenge_not_found",
        "No challenge",
        "There is no challenge to answer any more: each is good for one attempt. Prepare again.",
    )


def trusted_device_challenge_expired() -> ApiError:
    return api_error(
        400,
        "trusted_device_challenge_expired",
        "Challenge expired",
        "The challenge was not answered in time. Prepare again.",
        keep_changes=True,
    )


def trusted_device_invalid_client_data() -> ApiError:
    return api_error(
        422,
        "trusted_device_invalid_client_data",
        "Invalid client data",
        "client_data must be that of the challenge, to the letter.",
        param_name="client_data",
        keep_changes=True,
    )


def trusted_device_signature_wrong() -> ApiError:
    """Not an attempt that counts towards a lock: signatures are not guessed."""
    return api_error(
        400,
        "trusted_device_signature_verification_failed",
        "Wrong signature",
        "The signature could not be verified. Prepare again.",
        keep_changes=True,
    )


def trusted_device_not_registered(*, keep_changes: bool = False) -> ApiError:
    return api_error(
        422,
        "trusted_device_not_registered",
        "Not registered",
        "This device is not enrolled here, or it was revoked. Sign in in another way.",
        param_name="trusted_device_id",
        keep_changes=keep_changes,
    )
