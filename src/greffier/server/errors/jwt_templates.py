"""JWT templates and the tokens made from them."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, api_error


def template_not_found(name: str) -> ApiError:
    return api_error(
        404, "resource_not_found", "not found", f"No JWT template exists with the name {name[:64]!r}."
    )


def template_claims_reserved(names: list[str]) -> ApiError:
    return api_error(
        400,
        "jwt_template_reserved_claim",
        "Reserved claim",
        f"The server alone says {', '.join(names)}.",
        param_name="claims",
    )


def too_many_templates(maximum: int) -> ApiError:
    return api_error(403, "quota_exceeded", "Too many JWT templates", f"An instance may have {maximum}.")


def token_too_large(maximum: int) -> ApiError:
    """Args: maximum: bytes of the claims as JSON."""
    return api_error(
        422,
        "jwt_template_claims_too_large",
        "Token too large",
        f"With what they say of this user, the template's claims exceed {maximum} bytes.",
    )
