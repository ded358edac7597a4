"""Errors of the CAPTCHA."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, api_error


def captcha_missing_token() -> ApiError:
    return api_error(
        400,
        "captcha_missing_token",
        "CAPTCHA required",
        "The CAPTCHA did not run. Your browser or an extension may block it. Please try again.",
    )


def captcha_invalid() -> ApiError:
    return api_error(
        400, "captcha_invalid", "CAPTCHA failed", "The CAPTCHA could not be verified. Please try again."
    )


def captcha_widget_type_invalid() -> ApiError:
    return api_error(
        422,
        "invalid_captcha_widget_type",
        "Unknown CAPTCHA widget",
        "captcha_widget_type must be smart or invisible.",
        param_name="captcha_widget_type",
    )
