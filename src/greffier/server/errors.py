"""The one exception that rules raise, and the catalogue of error codes with named makers.

`web/` writes it as the published error envelope. Codes are what the SDKs that this
server is compatible with branch on; a code is part of the wire format and never changes.
"""

from __future__ import annotations

from typing import Any

import msgspec


class ErrorItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of the `errors` array."""

    code: str
    message: str
    long_message: str
    meta: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


class ApiError(Exception):
    """A refusal with an HTTP status.

    Args:
        status: the HTTP status.
        items: one or more entries of the envelope.
        keep_changes: commit what the rule wrote although the request is refused (a wrong code counts as
            an attempt); otherwise the transaction rolls back.
        headers: extra response headers, for example `Retry-After`.
    """

    def __init__(
        self,
        status: int,
        *items: ErrorItem,
        keep_changes: bool = False,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(items[0].code)
        self.status = status
        self.items = items
        self.keep_changes = keep_changes
        self.headers = headers or {}


def _error(
    status: int,
    code: str,
    message: str,
    long_message: str | None = None,
    *,
    keep_changes: bool = False,
    **meta: Any,
) -> ApiError:
    item = ErrorItem(code, message, long_message or message, meta or msgspec.UNSET)
    return ApiError(status, item, keep_changes=keep_changes)


def form_item(code: str, param: str, message: str, long_message: str | None = None) -> ErrorItem:
    """An entry that a form shows at the field `param`."""
    return ErrorItem(code, message, long_message or message, {"param_name": param})


# --- parameters ------------------------------------------------------------------------------------------


def param_missing(param: str) -> ErrorItem:
    return form_item("form_param_missing", param, "is missing", f"{param} must be included.")


def param_unknown(param: str) -> ErrorItem:
    return form_item(
        "form_param_unknown", param, "is unknown", f"{param} is not a valid parameter for this request."
    )


def param_format_invalid(param: str, why: str | None = None) -> ErrorItem:
    return form_item("form_param_format_invalid", param, "is invalid", why or f"{param} is invalid.")


def param_nil(param: str) -> ErrorItem:
    return form_item("form_param_nil", param, "is empty", f"Enter {param.replace('_', ' ')}.")


def param_value_invalid(param: str, value: str) -> ErrorItem:
    return form_item(
        "form_param_value_invalid", param, "is invalid", f"{value!r} is not a valid value for {param}."
    )


def param_too_long(param: str, maximum: int) -> ErrorItem:
    return form_item(
        "form_param_max_length_exceeded",
        param,
        "is too long",
        f"{param} should not exceed {maximum} characters.",
    )


def param_not_enabled(param: str) -> ErrorItem:
    return form_item(
        "form_param_unknown",
        param,
        "is unknown",
        f"{param} cannot be given, because what it is about is not enabled for this instance.",
    )


def metadata_has_its_own_operation(param: str) -> ErrorItem:
    return form_item(
        "form_param_unknown",
        param,
        "is unknown",
        f"Since API version 2026-05-12, {param} is changed by PATCH /v1/users/{{user_id}}/metadata, which "
        "merges, or by PUT, which replaces.",
    )


def user_data_missing(names: list[str]) -> ErrorItem:
    return ErrorItem(
        "form_data_missing",
        "missing data",
        f"{', '.join(names)} must be given: this instance requires it of every user.",
        {"param_names": names},
    )


def invalid_params(*items: ErrorItem) -> ApiError:
    return ApiError(422, *items)


def bad_request(message: str, code: str = "request_invalid") -> ApiError:
    return _error(400, code, message)


def body_invalid(message: str) -> ApiError:
    return _error(400, "request_body_invalid", "Request body invalid", message)


def body_too_large() -> ApiError:
    return _error(413, "request_body_too_large", "Request body too large")


def unsupported_media_type(content_type: str) -> ApiError:
    return _error(
        415,
        "unsupported_content_type",
        "Unsupported content type",
        f"Content-Type {content_type[:80]!r} is not supported here.",
    )


def api_version_invalid(why: str) -> ApiError:
    return _error(400, "api_version_invalid", "Invalid API version", why)


# --- routing -----------------------------------------------------------------------------------------------


def not_found(what: str = "resource") -> ApiError:
    return _error(
        404, "resource_not_found", "not found", f"No {what} was found with the given id, or it is not yours."
    )


def route_not_found() -> ApiError:
    return _error(404, "resource_not_found", "not found", "There is nothing at this path.")


def method_not_allowed(allowed: list[str]) -> ApiError:
    error = _error(
        405,
        "method_not_allowed",
        "Method not allowed",
        f"This path answers {', '.join(sorted(allowed))} only.",
    )
    error.headers["Allow"] = ", ".join(sorted(allowed))
    return error


def not_implemented(operation_id: str) -> ApiError:
    return _error(
        501, "not_implemented", "Not implemented", f"The operation {operation_id} is not built yet."
    )


def internal_error(trace_id: str) -> ApiError:
    return _error(
        500, "internal_error", "Oops, an unexpected error occurred", f"Look for {trace_id} in the log."
    )


# --- authentication ----------------------------------------------------------------------------------------


def origin_invalid(origin: str) -> ApiError:
    return _error(
        403,
        "origin_invalid",
        "Invalid HTTP Origin header",
        f"Requests from the origin {origin[:200]!r} are not accepted. Add it to the allowed origins.",
    )


def secret_key_invalid() -> ApiError:
    return _error(
        401,
        "clerk_key_invalid",
        "The provided secret key is invalid",
        "The provided secret key is invalid. Make sure that your secret key is correct.",
    )


def secret_key_missing() -> ApiError:
    return _error(
        401,
        "authentication_invalid",
        "Unauthorized",
        "Send the secret key of your instance as `Authorization: Bearer sk_...`.",
    )


def credentials_in_query() -> ApiError:
    return _error(
        400,
        "authorization_in_query",
        "Credentials do not belong in the URL",
        "Send the authorization in the body or in the Authorization header; URLs are logged.",
    )


def signed_out() -> ApiError:
    return _error(401, "signed_out", "Signed out", "You are signed out.")


def session_not_found() -> ApiError:
    return _error(404, "session_not_found", "Session not found", "No session was found with the given id.")


def session_token_refused() -> ApiError:
    return _error(
        401,
        "authentication_invalid",
        "Invalid authentication",
        "Unable to authenticate the request, you need to supply an active session.",
    )


def refresh_refused(code: str, why: str) -> ApiError:
    """SDKs carry the code in the reason of the handshake that they then fall back to."""
    return _error(401, code, "The session cannot be refreshed", why)


def dev_browser_unauthenticated() -> ApiError:
    return _error(
        401,
        "dev_browser_unauthenticated",
        "Browser unauthenticated",
        "Unable to authenticate this browser for your development instance.",
    )


def development_only() -> ApiError:
    return _error(
        400,
        "development_instance_only",
        "Development instances only",
        "This request is answered for development instances only.",
    )


def session_exists() -> ApiError:
    return _error(
        400,
        "session_exists",
        "Session already exists",
        "You're currently in single session mode. You can only be signed into one account at a time.",
    )


def identifier_already_signed_in(session_id: str) -> ApiError:
    return _error(
        400,
        "identifier_already_signed_in",
        "You're already signed in",
        "You're already signed in to this account.",
        session_id=session_id,
    )


def redirect_url_missing() -> ApiError:
    return _error(400, "redirect_url_missing", "redirect_url is missing", "redirect_url must be included.")


def redirect_url_not_allowed() -> ApiError:
    return _error(
        403,
        "redirect_url_not_allowed",
        "The redirect URL is not allowed",
        "Browsers are sent to allowed origins only. Add the origin of redirect_url to the allowed origins.",
    )


# --- identifiers and passwords -----------------------------------------------------------------------------


def identifier_not_found(param: str = "identifier") -> ApiError:
    return _error(
        422,
        "form_identifier_not_found",
        "Couldn't find your account.",
        param_name=param,
    )


def identifier_exists(param: str) -> ApiError:
    return _error(
        422,
        "form_identifier_exists",
        "That email address is taken. Please try another."
        if param == "email_address"
        else f"That {param.replace('_', ' ')} is taken. Please try another.",
        param_name=param,
    )


def identifier_invalid(param: str, why: str) -> ApiError:
    return invalid_params(param_format_invalid(param, why))


def password_incorrect(param: str = "password") -> ApiError:
    return _error(
        422,
        "form_password_incorrect",
        "Password is incorrect. Try again, or use another method.",
        keep_changes=True,
        param_name=param,
    )


def new_password_matches_current() -> ApiError:
    return _error(
        422,
        "form_new_password_matches_current",
        "Your new password cannot match your current password.",
        param_name="new_password",
    )


def at_param(item: ErrorItem, param: str) -> ErrorItem:
    """The same entry, shown at another field."""
    return ErrorItem(item.code, item.message, item.long_message, {"param_name": param})


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


def password_hasher_unsupported(supported: tuple[str, ...]) -> ErrorItem:
    return form_item(
        "form_param_value_invalid",
        "password_hasher",
        "is not supported",
        f"password_hasher must be one of {', '.join(supported)}.",
    )


def password_digest_invalid(why: str) -> ErrorItem:
    return form_item(
        "form_password_digest_invalid", "password_digest", "is invalid", f"The password_digest {why}."
    )


def username_item(code: str, why: str) -> ErrorItem:
    return form_item(f"form_username_{code}", "username", why)


def delete_self_not_enabled() -> ApiError:
    return _error(
        403,
        "user_delete_self_not_enabled",
        "Deleting accounts is not enabled",
        "Users may not delete their own account here.",
    )


def user_banned() -> ApiError:
    return _error(403, "user_banned", "You are banned", "This account has been banned.")


def user_locked() -> ApiError:
    return _error(
        403, "user_locked", "Your account is locked", "This account is locked. Contact support to unlock it."
    )


def sign_in_without_identifier() -> ApiError:
    return _error(400, "sign_in_no_identifier", "No identifier yet", "Say who signs in before proving it.")


def sign_in_is_over() -> ApiError:
    return _error(
        400, "sign_in_not_open", "Sign-in is over", "This sign-in is complete or abandoned. Start a new one."
    )


def sign_up_is_over() -> ApiError:
    return _error(
        400, "sign_up_not_open", "Sign-up is over", "This sign-up is complete or abandoned. Start a new one."
    )


def nothing_to_transfer() -> ApiError:
    return _error(
        400,
        "account_transfer_invalid",
        "Invalid account transfer",
        "There is no verified external account to transfer.",
    )


def ticket_invalid() -> ApiError:
    return _error(
        400,
        "ticket_invalid",
        "Ticket is invalid",
        "This ticket is not valid, was used already, or was revoked.",
    )


def ticket_expired() -> ApiError:
    return _error(400, "ticket_expired", "Ticket has expired", "This ticket has expired. Ask for a new one.")


def strategy_invalid(strategy: str) -> ApiError:
    return invalid_params(param_value_invalid("strategy", strategy))


def strategy_for_user_invalid() -> ApiError:
    return _error(
        422,
        "strategy_for_user_invalid",
        "The verification strategy is not valid for this account",
        param_name="strategy",
    )


def last_identification() -> ApiError:
    return _error(
        400,
        "identification_deletion_failed",
        "Deleting identification failed",
        "You cannot delete your last identification.",
    )


# --- verifications ---------------------------------------------------------------------------------------


def code_incorrect() -> ApiError:
    return _error(
        422, "form_code_incorrect", "is incorrect", "Incorrect code", keep_changes=True, param_name="code"
    )


def verification_expired() -> ApiError:
    return _error(
        400,
        "verification_expired",
        "Verification has expired",
        "This verification has expired. You need to start a new one.",
        keep_changes=True,
    )


def verification_failed() -> ApiError:
    return _error(
        400,
        "verification_failed",
        "Too many failed attempts",
        "Too many failed attempts. You have to try again with the same or another method.",
        keep_changes=True,
    )


def verification_missing() -> ApiError:
    return _error(
        400,
        "verification_missing",
        "Verification missing",
        "There is nothing to attempt yet: prepare a verification first.",
    )


def verification_already_verified() -> ApiError:
    return _error(
        400,
        "verification_already_verified",
        "Already verified",
        "This verification has already been verified.",
    )
