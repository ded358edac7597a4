"""Answers of sign-ins that do not tell whether there is an account."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, api_error


def password_or_identifier_incorrect() -> ApiError:
    return api_error(
        422,
        "form_password_or_identifier_incorrect",
        "Password or identifier is incorrect. Try again, or use another method.",
        keep_changes=True,
        failed_attempt=True,
        param_name="password",
    )


def external_account_not_found() -> ApiError:
    return api_error(
        404,
        "external_account_not_found",
        "No account yet",
        "No account is connected with this one of the other site. Transfer this sign-in to a sign-up.",
    )


def sign_up_if_missing_transfer() -> ApiError:
    return api_error(
        404,
        "sign_up_if_missing_transfer",
        "No account yet",
        "The address is verified and there is no account with it. Transfer this sign-in to a sign-up.",
        keep_changes=True,
    )


def external_account_exists() -> ApiError:
    return api_error(
        422,
        "external_account_exists",
        "Account exists",
        "A user is connected with this account of the other site. Transfer this sign-up to a sign-in.",
    )


def external_account_address_unverified() -> ApiError:
    return api_error(
        400,
        "external_account_email_address_verification_required",
        "The address must be verified",
        "A user has the address of this account, and it cannot be verified here. Use another method.",
    )


def oauth_identification_claimed() -> ApiError:
    return api_error(
        400,
        "oauth_identification_claimed",
        "Already connected",
        "This account of the other site is connected with another user.",
    )


def oauth_account_already_connected() -> ApiError:
    return api_error(
        400,
        "oauth_account_already_connected",
        "Another account is connected",
        "Another account of this site is connected already. Remove it first.",
    )
