"""The exception itself, and how its entries are made."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
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
        failed_attempt: a factor was checked and was wrong, which counts towards a lockout.
        headers: extra response headers, for example `Retry-After`.
        with_client_state: the browser's client goes with the refusal although nothing of it changed, because
            the browser goes on from it: it may have an older one.
    """

    def __init__(
        self,
        status: int,
        *items: ErrorItem,
        keep_changes: bool = False,
        failed_attempt: bool = False,
        headers: dict[str, str] | None = None,
        with_client_state: bool = False,
    ) -> None:
        super().__init__(items[0].code)
        self.status = status
        self.items = items
        self.keep_changes = keep_changes
        self.failed_attempt = failed_attempt
        self.headers = headers or {}
        self.with_client_state = with_client_state


@contextmanager
def answered_with(status: int, *, instead_of: int) -> Generator[None]:
    """Answers refusals of the block with another status: the one that the contract of an operation lists."""
    try:
        yield
    except ApiError as error:
        if error.status == instead_of:
            error.status = status
        raise


def api_error(
    status: int,
    code: str,
    message: str,
    long_message: str | None = None,
    *,
    keep_changes: bool = False,
    failed_attempt: bool = False,
    with_client_state: bool = False,
    **meta: Any,
) -> ApiError:
    item = ErrorItem(code, message, long_message or message, meta or msgspec.UNSET)
    return ApiError(
        status,
        item,
        keep_changes=keep_changes,
        failed_attempt=failed_attempt,
        with_client_state=with_client_state,
    )


def form_item(code: str, param: str, message: str, long_message: str | None = None) -> ErrorItem:
    """An entry that a form shows at the field `param`."""
    return ErrorItem(code, message, long_message or message, {"param_name": param})
