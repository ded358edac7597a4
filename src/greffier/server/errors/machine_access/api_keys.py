"""API keys."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, api_error


def api_keys_not_enabled() -> ApiError:
    return api_error(
        422,
        "api_keys_not_enabled",
        "API keys are not enabled",
        "The settings of this instance do not let users have API keys.",
    )


def api_key_name_taken() -> ApiError:
    """The browser components have a text for this code."""
    return api_error(
        409, "token_creation_conflict", "API key name already exists", "There is an API key with this name."
    )


def too_many_api_keys(maximum: int) -> ApiError:
    """The browser components have a text for this code."""
    return api_error(
        400,
        "token_quota_exceeded",
        "Too many API keys",
        f"There may be {maximum} that work at one time. Revoke unused ones.",
    )


def api_key_by_impersonator() -> ApiError:
    return api_error(
        400,
        "api_key_creation_not_allowed",
        "Not while acting as another user",
        "An API key would outlive the impersonation, so only the user themselves can make one.",
    )
