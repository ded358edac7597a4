"""Errors of verifications."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, api_error


def code_incorrect() -> ApiError:
    return api_error(
        422,
        "form_code_incorrect",
        "is incorrect",
        "Incorrect code",
        keep_changes=True,
        failed_attempt=True,
        param_name="code",
    )


def signature_incorrect() -> ApiError:
    return api_error(
        422,
        "form_incorrect_signature",
        "is incorrect",
        "The wallet has not signed what it was asked to sign. Ask for another text and sign that.",
        keep_changes=True,
        param_name="signature",
    )


def contract_wallet_unverifiable() -> ApiError:
    """The text for the wallet stays usable."""
    return api_error(
        422,
        "form_incorrect_signature",
        "cannot be verified",
        "This wallet is a contract, and no server of its chain could be asked. Try again later, or use"
        " another wallet.",
        param_name="signature",
    )


def verification_expired() -> ApiError:
    return api_error(
        400,
        "verification_expired",
        "Verification has expired",
        "This verification has expired. You need to start a new one.",
        keep_changes=True,
    )


def verification_failed(*, failed_attempt: bool) -> ApiError:
    """Args: failed_attempt: this attempt was checked, and was the last."""
    return api_error(
        400,
        "verification_failed",
        "Too many failed attempts",
        "Too many failed attempts. You have to try again with the same or another method.",
        keep_changes=True,
        failed_attempt=failed_attempt,
    )


def code_sent_just_now(retry_after: int) -> ApiError:
    """Args: retry_after: seconds."""
    error = api_error(
        429,
        "verification_code_too_many_requests",
        "Too many codes",
        f"A code was sent just now. Ask for another one in {retry_after} seconds.",
    )
    error.headers["Retry-After"] = str(retry_after)
    return error


def code_not_yet_sent() -> ApiError:
    return api_error(
        422,
        "sms_verification_not_yet_sent",
        "The code was not sent yet",
        "The message with the code is still on its way out. Wait until it has arrived.",
        param_name="code",
    )


def message_not_sent() -> ApiError:
    return api_error(
        400,
        "sms_send_error",
        "The message could not be sent",
        "The message with the code could not be sent to this number. Use another number, or another way.",
    )


def development_texts_used_up(most: int) -> ApiError:
    return api_error(
        400,
        "dev_monthly_sms_limit_exceeded",
        "Too many text messages this month",
        f"A development instance sends {most} text messages a month. Test numbers take a fixed code and get"
        " no message: use those.",
    )


def verification_missing() -> ApiError:
    return api_error(
        400,
        "verification_missing",
        "Verification missing",
        "There is nothing to attempt yet: prepare a verification first.",
    )


def link_invalid() -> ApiError:
    return api_error(
        400,
        "verification_link_token_invalid",
        "Link is invalid",
        "This link is not valid. Ask for a new one where you asked for it.",
    )


def session_link_invalid() -> ApiError:
    return api_error(
        400,
        "verification_link_token_invalid",
        "Link is invalid",
        "This link was used, or has expired. To sign out of other devices, sign in and open your account.",
    )


def oauth_callback_invalid() -> ApiError:
    return api_error(
        400,
        "oauth_callback_invalid",
        "This cannot go on",
        "The answer of the other site was used already, comes too late, or belongs to something else. Start "
        "again where you started.",
    )


def oauth_access_denied() -> ApiError:
    return api_error(
        403,
        "oauth_access_denied",
        "Access denied",
        "The other site did not allow access, or it was cancelled there.",
    )


def verification_already_verified() -> ApiError:
    return api_error(
        400,
        "verification_already_verified",
        "Already verified",
        "This verification has already been verified.",
    )


def google_one_tap_token_invalid() -> ApiError:
    return api_error(
        400,
        "google_one_tap_token_invalid",
        "Invalid token",
        "This token is not, or no longer, a proof of a Google account for this application.",
    )


def oauth_fetch_user_error() -> ApiError:
    return api_error(
        400,
        "oauth_fetch_user_error",
        "No account was given",
        "The other site did not say whose account it is. Try again, or use another method.",
    )


def misconfigured_oauth_provider() -> ApiError:
    return api_error(
        400,
        "misconfigured_oauth_provider",
        "Not available",
        "Signing in with this site is not set up correctly. Use another method.",
    )


def oauth_config_missing() -> ApiError:
    return api_error(
        400,
        "oauth_config_missing",
        "Not available",
        "Signing in with this site is not set up yet. Use another method.",
    )
