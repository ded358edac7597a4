"""Requests that cannot be read, or lead nowhere."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, api_error


def not_found(what: str = "resource") -> ApiError:
    return api_error(
        404, "resource_not_found", "not found", f"No {what} was found with the given id, or it is not yours."
    )


def route_not_found() -> ApiError:
    return api_error(404, "resource_not_found", "not found", "There is nothing at this path.")


def host_not_served(host: str) -> ApiError:
    why = (
        f"This server does not answer at {host[:255]}. Its hosts are those of its instances, of"
        " GREFFIER_PUBLIC_URL and, for servers, of GREFFIER_API_HOSTS."
    )
    return api_error(404, "resource_not_found", "not found", why)


def method_not_allowed(allowed: list[str]) -> ApiError:
    error = api_error(
        405,
        "method_not_allowed",
        "Method not allowed",
        f"This path answers {', '.join(sorted(allowed))} only.",
    )
    error.headers["Allow"] = ", ".join(sorted(allowed))
    return error


def too_many_requests(retry_after: int, setting: str | None = None) -> ApiError:
    """Args: retry_after: seconds. setting: of the instance, which has the limit."""
    hint = f" The limit is the instance's setting {setting}." if setting else ""
    error = api_error(
        429,
        "too_many_requests",
        "Too many requests",
        f"Too many requests. Please try again in a bit.{hint}",
    )
    error.headers["Retry-After"] = str(retry_after)
    return error


def not_implemented(operation_id: str) -> ApiError:
    return api_error(
        501, "not_implemented", "Not implemented", f"The operation {operation_id} is not built yet."
    )


def internal_error(trace_id: str) -> ApiError:
    return api_error(
        500, "internal_clerk_error", "Oops, an unexpected error occurred", f"Look for {trace_id} in the log."
    )


def service_unavailable(retry_after: int) -> ApiError:
    """Args: retry_after: seconds."""
    error = api_error(
        503,
        "service_unavailable",
        "Service unavailable",
        "The service cannot answer at the moment. Please try again in a bit.",
    )
    error.headers["Retry-After"] = str(retry_after)
    return error
