"""Metadata: merged deeply or replaced whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.errors import ErrorItem
from greffier.server.users.profile.entitlements import entitlement_problems
from greffier.server.web.http.documents import MAX_DEPTH, is_too_deep

MAX_METADATA = 8 * 1024
"""Bytes of one document, as JSON."""
FIELDS = ("public_metadata", "private_metadata", "unsafe_metadata")


def merge(into: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """A deep merge in which `null` removes a key at any depth (RFC 7396)."""
    merged = dict(into)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            below = merged.get(key)
            merged[key] = merge(below if isinstance(below, dict) else {}, value)  # pyright: ignore[reportUnknownArgumentType]
        else:
            merged[key] = value
    return merged


def replace(_former: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The given document in place of the former one."""
    return given


Change = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
"""From a document and what was given for it to the new document: `merge` or `replace`."""


def given_documents(request: msgspec.Struct) -> dict[str, dict[str, Any]]:
    """The documents that a request names, by their fields; null is an empty one."""
    given = {name: getattr(request, name, msgspec.UNSET) for name in FIELDS}
    return {name: value or {} for name, value in given.items() if value is not msgspec.UNSET}


def checked_documents(request: msgspec.Struct) -> dict[str, dict[str, Any]]:
    """As `given_documents`.

    Raises:
        ApiError: 422 when one is too large.
    """
    given = given_documents(request)
    check_size(given)
    return given


def changed_documents(
    row: msgspec.Struct, given: dict[str, dict[str, Any]], change: Change
) -> dict[str, dict[str, Any]]:
    """The documents of a row after a change, by their columns.

    Raises:
        ApiError: 422 when one becomes too large.
    """
    documents = {name: change(getattr(row, name), value) for name, value in given.items()}
    check_size(documents)
    return documents


def metadata_problems(documents: dict[str, dict[str, Any]]) -> list[ErrorItem]:
    """Entries for every document that is too large or too deep to keep, and for entitlements that tokens
    could not name."""
    problems: list[ErrorItem] = []
    for name, document in documents.items():
        if is_too_deep(document):
            problems.append(_size_item(name, f"{MAX_DEPTH} levels"))
        elif len(msgspec.json.encode(document)) > MAX_METADATA:
            problems.append(_size_item(name, f"{MAX_METADATA} bytes"))
    return problems + entitlement_problems(documents.get("private_metadata", {}))


def _size_item(name: str, limit: str) -> ErrorItem:
    return errors.form_item(
        "form_param_exceeds_allowed_size", name, "is too large", f"{name} may have {limit} at most."
    )


def check_size(documents: dict[str, dict[str, Any]]) -> None:
    """Raises: ApiError: 422 with the problems of the documents."""
    if problems := metadata_problems(documents):
        raise errors.invalid_params(*problems)
