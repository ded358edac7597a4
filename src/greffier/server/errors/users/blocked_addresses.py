"""Errors of email addresses that an instance does not accept."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, api_error


def email_address_blocked() -> ApiError:
    return api_error(
        403,
        "form_email_address_blocked",
        "is not allowed",
        "This email address can't be used here. Please use another one.",
        param_name="email_address",
    )
