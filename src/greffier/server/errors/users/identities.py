"""People, their identifiers and passwords; sign-ins and sign-ups."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, ErrorItem, api_error, form_item
from greffier.server.errors.parameters import invalid_params, param_format_invalid, param_value_invalid


def identifier_not_found(param: str = "identifier", *, keep_changes: bool = False) -> ApiError:
    return api_error(
        422,
        "form_identifier_not_found",
        "Couldn't find your account.",
        keep_changes=keep_changes,
        param_name=param,
    )


def attribute_immutable(name: str) -> ApiError:
    """Args: name: of the attribute."""
    return api_error(
        403,
        "immutable_attribute_modification_not_allowed",
        "This cannot be changed",
        f"Your {name.replace('_', ' ')} cannot be changed or removed.",
    )


def connection_blocked_by_immutable_attribute(name: str) -> ApiError:
    """Args: name: of the attribute in which the account differs from the user."""
    return api_error(
        403,
        "oauth_connection_blocked_by_immutable_attribute",
        "Account cannot be connected",
        f"The {name.replace('_', ' ')} of this account is another one than yours, which cannot be changed.",
    )


def identifier_exists(param: str, *, keep_changes: bool = False) -> ApiError:
    return api_error(
        422,
        "form_identifier_exists",
        f"That {param.replace('_', ' ')} is taken. Please try another.",
        keep_changes=keep_changes,
        param_name=param,
    )


def identifier_invalid(param: str, why: str) -> ApiError:
    return invalid_params(param_format_invalid(param, why))


def unsupported_country_code() -> ApiError:
    return api_error(
        403,
        "unsupported_country_code",
        "Country is not supported",
        "Phone numbers of this country are not supported here. Use another number, or another way.",
        param_name="phone_number",
    )


def default_second_factor_needed() -> ApiError:
    return api_error(
        422,
        "form_disable_default_second_factor_not_allowed",
        "There must be a default second factor",
        "Make another second factor the default one instead.",
        param_name="default_second_factor",
    )


def password_incorrect(param: str = "password") -> ApiError:
    return api_error(
        422,
        "form_password_incorrect",
        "Password is incorrect. Try again, or use another method.",
        keep_changes=True,
        failed_attempt=True,
        param_name=param,
    )


def password_of_user_incorrect() -> ApiError:
    """The answer to an application's server, which named the user."""
    return api_error(
        422,
        "incorrect_password",
        "Incorrect password",
        "The password is not the user's.",
    )


def password_compromised() -> ApiError:
    return api_error(
        422,
        "form_password_compromised",
        "This password is known to others",
        "Your password may be known to others. Sign in another way, and then choose a new one.",
        param_name="password",
    )


def new_password_matches_current(param: str = "new_password") -> ApiError:
    return api_error(
        422,
        "form_new_password_matches_current",
        "Your new password cannot match your current password.",
        param_name=param,
    )


def no_password_set() -> ApiError:
    return api_error(400, "no_password_set", "No password set", "This user has no password.")


def password_required() -> ApiError:
    return api_error(
        400,
        "password_required",
        "A password is required",
        "This account needs its password: the application asks for one, or there is no other way to sign in.",
    )


def at_param(item: ErrorItem, param: str) -> ErrorItem:
    """The same entry, shown at another field."""
    meta = item.meta if isinstance(item.meta, dict) else {}
    return ErrorItem(item.code, item.message, item.long_message, meta | {"param_name": param})


def password_too_short(minimum: int) -> ErrorItem:
    return form_item(
        "form_password_length_too_short",
        "password",
        f"Passwords must be {minimum} characters or more.",
    )


def password_too_long(maximum: int) -> ErrorItem:
    return form_item(
        "form_password_length_too_long", "password", f"Passwords must be {maximum} characters or less."
    )


def password_too_common() -> ErrorItem:
    return form_item(
        "form_password_pwned",
        "password",
        "is too common",
        "This password is too common. Please use a different password.",
    )


def password_leaked() -> ErrorItem:
    return form_item(
        "form_password_pwned",
        "password",
        "has been leaked",
        "This password has been found in a data breach. For account safety, please use a different password.",
    )


def password_too_weak(suggestions: list[dict[str, str]]) -> ErrorItem:
    """Args: suggestions: each with `code` and `message`, which forms show."""
    return ErrorItem(
        "form_password_not_strong_enough",
        "is not strong enough",
        "This password is too easy to guess. Please use a stronger one.",
        {"param_name": "password", "zxcvbn": {"suggestions": suggestions}},
    )


def password_hasher_unsupported(supported: tuple[str, ...]) -> ErrorItem:
    return form_item(
        "form_param_value_invalid",
        "password_hasher",
        "is not supported",
        f"password_hasher must be one of {', '.join(supported)}.",
    )


def password_digest_invalid(why: str) -> ErrorItem:
    return form_item(
        "form_password_digest_invalid_code", "password_digest", "is invalid", f"The password_digest {why}."
    )


def username_item(code: str, why: str) -> ErrorItem:
    return form_item(f"form_username_{code}", "username", why)


def delete_self_not_enabled() -> ApiError:
    return api_error(
        403,
        "user_delete_self_not_enabled",
        "Deleting accounts is not enabled",
        "Users may not delete their own account here.",
    )


def user_banned() -> ApiError:
    return api_error(403, "user_banned", "You are banned", "This account has been banned.")


def user_locked(expires_in_seconds: int | None, *, keep_changes: bool = False) -> ApiError:
    """Args: keep_changes: the failure that led here counts."""
    if expires_in_seconds is None:
        why = "Contact support to unlock it."
    else:
        minutes = -(-expires_in_seconds // 60)
        why = f"You can try again in {minutes} minute{'' if minutes == 1 else 's'}, or contact support."
    return api_error(
        403,
        "user_locked",
        "Your account is locked",
        f"Your account is locked. {why}",
        keep_changes=keep_changes,
        lockout_expires_in_seconds=expires_in_seconds,
    )


def account_lockout_warning(remaining: int) -> ErrorItem:
    """Beside the error of a failed attempt. Args: remaining: attempts."""
    attempts = "attempt" if remaining == 1 else "attempts"
    return ErrorItem(
        "account_lockout_warning",
        "Your account is about to be locked",
        f"You have {remaining} {attempts} left before your account is locked.",
        {"verification_attempts_remaining": remaining},
    )


def sign_in_without_identifier() -> ApiError:
    return api_error(400, "client_state_invalid", "No identifier yet", "Say who signs in before proving it.")


def sign_in_without_first_factor() -> ApiError:
    return api_error(
        400,
        "client_state_invalid",
        "No first factor yet",
        "This sign-in asks for no second factor, or for its first one before that.",
    )


def sign_in_is_over() -> ApiError:
    return api_error(
        400,
        "client_state_invalid",
        "Sign-in is over",
        "This sign-in is complete or abandoned. Start a new one.",
    )


def sign_up_is_over() -> ApiError:
    return api_error(
        400,
        "client_state_invalid",
        "Sign-up is over",
        "This sign-up is complete or abandoned. Start a new one.",
    )


def sign_up_restricted() -> ApiError:
    return api_error(
        403,
        "sign_up_mode_restricted",
        "Sign ups are restricted",
        "You cannot sign up here by yourself. If you should have an account, ask the application's owner.",
    )


def nothing_to_transfer() -> ApiError:
    return api_error(
        400,
        "account_transfer_invalid",
        "Invalid account transfer",
        "There is nothing verified that could be transferred, or it was transferred already.",
    )


def ticket_invalid() -> ApiError:
    return api_error(
        400,
        "ticket_invalid_code",
        "Ticket is invalid",
        "This ticket is not valid, was used already, or was revoked.",
    )


def ticket_expired() -> ApiError:
    return api_error(
        400, "ticket_expired_code", "Ticket has expired", "This ticket has expired; ask for a new one."
    )


def sign_in_token_not_pending() -> ApiError:
    return api_error(
        400,
        "sign_in_token_cannot_be_revoked_code",
        "Sign-in token cannot be revoked",
        "This sign-in token was used or revoked already.",
    )


def actor_token_not_pending() -> ApiError:
    return api_error(
        400,
        "actor_token_cannot_be_revoked_code",
        "Actor token cannot be revoked",
        "This actor token was used or revoked already.",
    )


def strategy_invalid(strategy: str) -> ApiError:
    return invalid_params(param_value_invalid("strategy", strategy))


def strategy_for_user_invalid() -> ApiError:
    return api_error(
        400,
        "strategy_for_user_invalid",
        "The verification strategy is not valid for this account",
        param_name="strategy",
    )


def last_identification() -> ApiError:
    return api_error(
        400,
        "last_required_identification_deletion_failed",
        "Deleting identification failed",
        "You could not sign in without this, or every user must have one.",
    )
