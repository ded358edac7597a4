"""Satellite domains: what cannot be done on one, and hand-overs that fail."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, api_error


def not_on_satellite() -> ApiError:
    return api_error(
        403,
        "operation_not_allowed_on_satellite_domain",
        "operation not allowed",
        "This cannot be done on a satellite domain. Use the primary domain of your instance.",
    )


def not_on_primary() -> ApiError:
    return api_error(
        403,
        "operation_not_allowed_on_primary_domain",
        "operation not allowed",
        "This can be done on a satellite domain only.",
    )


def domain_without_proxy() -> ApiError:
    return api_error(
        400,
        "domain_update_forbidden",
        "domain cannot be changed so",
        "Only domains of production instances have a proxy_url.",
        param_name="proxy_url",
    )


def primary_domain_exists() -> ApiError:
    return api_error(
        422,
        "primary_domain_already_exists",
        "primary domain already exists",
        "An instance has one primary domain. Others are satellites: is_satellite must be true.",
        param_name="is_satellite",
    )


def sync_in_development() -> ApiError:
    return api_error(
        400,
        "sync_not_allowed_in_development",
        "operation not allowed",
        "In development the pages of the primary domain synchronize a satellite, by its signInUrl.",
    )


def sync_nonce_invalid() -> ApiError:
    return api_error(
        400,
        "sync_nonce_invalid",
        "sync nonce invalid",
        "The sync nonce is unknown here, or its time is over. Open the page again.",
    )


def sync_nonce_of_another_browser() -> ApiError:
    return api_error(
        403,
        "sync_nonce_mismatch",
        "sync nonce of another browser",
        "This sync was not begun in this browser. Open the page again.",
    )


def sync_nonce_consumed() -> ApiError:
    return api_error(
        403,
        "sync_nonce_already_consumed",
        "sync nonce already consumed",
        "The sync nonce has been used already. Open the page again.",
    )
