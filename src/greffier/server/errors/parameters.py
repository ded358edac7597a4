"""Entries about one parameter, which a form shows at its field."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, ErrorItem, api_error, form_item


def param_missing(param: str) -> ErrorItem:
    return form_item("form_param_missing", param, "is missing", f"{param} must be included.")


def param_unknown(param: str) -> ErrorItem:
    return form_item(
        "form_param_unknown", param, "is unknown", f"{param} is not a valid parameter for this request."
    )


def param_format_invalid(param: str, why: str | None = None) -> ErrorItem:
    return form_item("form_param_format_invalid", param, "is invalid", why or f"{param} is invalid.")


def param_type_invalid(param: str, why: str) -> ErrorItem:
    return form_item("form_param_type_invalid", param, "has the wrong type", f"{param} is invalid: {why}.")


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


def param_exceeds_size(param: str, maximum: int) -> ErrorItem:
    """Args: maximum: bytes as JSON."""
    return form_item(
        "form_param_exceeds_allowed_size",
        param,
        "exceeds allowed size",
        f"{param} must not exceed {maximum} bytes.",
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


def at_item(item: ErrorItem, index: int) -> ErrorItem:
    """An entry about one item of a request whose body is an array; `meta.index` says which, from 0."""
    meta = item.meta if isinstance(item.meta, dict) else {}
    why = f"Item {index + 1}: {item.long_message}"
    return ErrorItem(item.code, item.message, why, meta | {"index": index})


def invalid_params(*items: ErrorItem) -> ApiError:
    return ApiError(422, *items)


def bad_request(message: str, code: str = "bad_request") -> ApiError:
    return api_error(400, code, message)


def body_invalid(message: str) -> ApiError:
    return api_error(400, "request_body_invalid", "Request body invalid", message)


def body_too_large() -> ApiError:
    return api_error(413, "request_body_too_large", "Request body too large")


def image_unreadable(formats: tuple[str, ...]) -> ApiError:
    return api_error(
        400,
        "request_body_invalid",
        "Image type not supported",
        f"The file is no picture, or of a type that is not supported: send {', '.join(formats)}.",
    )


def image_too_large(pixels: int) -> ApiError:
    return api_error(
        413, "image_too_large", "Image too large", f"A picture may have {pixels // 1_000_000} megapixels."
    )


def unsupported_media_type(content_type: str) -> ApiError:
    return api_error(
        415,
        "unsupported_content_type",
        "Unsupported content type",
        f"Content-Type {content_type[:80]!r} is not supported here.",
    )


def api_version_invalid(why: str) -> ApiError:
    return api_error(400, "api_version_invalid", "Invalid API version", why)
