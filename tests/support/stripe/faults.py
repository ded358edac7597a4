"""Errors in Stripe's shape."""

from __future__ import annotations

from typing import Any


class StripeFault(Exception):
    """An error answer.

    Args:
        status: of HTTP.
        message: for developers.
        code: Stripe's error code, where there is one.
        param: the parameter at fault.
        kind: `type` of the error object.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"type": kind, "message": message}
        if code:
            self.body["code"] = code
        if param:
            self.body["param"] = param


def no_such(kind: str, id: str, param: str = "id", status: int = 404) -> StripeFault:
    """An id that names nothing. Where it is a parameter and not the address, the status is 400."""
    return StripeFault(status, f"No such {kind}: '{id}'", code="resource_missing", param=param)


def missing(param: str) -> StripeFault:
    """A parameter that must be given."""
    return StripeFault(400, f"Missing required param: {param}.", code="parameter_missing", param=param)


def rate_limited() -> StripeFault:
    """More requests than allowed."""
    return StripeFault(429, "Request rate limit exceeded.", code="rate_limit")


def wrong_key(key: str) -> StripeFault:
    """A key that is not the account's; Stripe repeats its ends."""
    return StripeFault(401, f"Invalid API Key provided: {key[:8]}****{key[-4:]}")
