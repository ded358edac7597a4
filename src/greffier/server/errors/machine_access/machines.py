"""Machines and the tokens by which they reach each other."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, api_error


def machine_key_needed() -> ApiError:
    return api_error(
        401,
        "authentication_invalid",
        "Unauthorized",
        "Only a machine can make its tokens: send its secret key as `Authorization: Bearer ak_...`.",
    )


def tokens_of_another_machine() -> ApiError:
    return api_error(
        403,
        "authorization_invalid",
        "Unauthorized request",
        "By its secret key a machine lists its own tokens only.",
    )


def machine_scope_exists() -> ApiError:
    return api_error(409, "duplicate_record", "already exists", "This machine reaches the other one already.")


def too_many_machine_scopes(maximum: int) -> ApiError:
    return api_error(403, "quota_exceeded", "Too many scopes", f"A machine may reach {maximum} others.")
