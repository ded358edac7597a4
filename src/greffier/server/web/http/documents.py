"""JSON documents that callers send: how deep they may nest."""

from __future__ import annotations

from typing import Any

MAX_DEPTH = 100
"""Levels of objects and arrays in one document that is kept."""
MAX_BODY_DEPTH = 2 * MAX_DEPTH
"""Levels in a whole request body. Documents inside it have the lower limit, and an error that names them."""


def is_too_deep(document: Any, most: int = MAX_DEPTH) -> bool:
    """Whether it has more than `most` levels of objects and arrays.

    Level by level, because what is looked for here would exhaust the stack of a recursive function.
    """
    level: list[Any] = [document] if isinstance(document, dict | list) else []
    for _ in range(most):
        level = [
            member
            for value in level
            for member in (value.values() if isinstance(value, dict) else value)  # pyright: ignore[reportUnknownVariableType]
            if isinstance(member, dict | list)
        ]
        if not level:
            return False
    return True


def has_nul(document: Any) -> bool:
    """Whether any text in it, or the name of any member, has a NUL, which no database keeps."""
    pending = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            if "\0" in value:
                return True
        elif isinstance(value, dict):
            pending.extend(value)  # pyright: ignore[reportUnknownArgumentType]
            pending.extend(value.values())  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(value, list):
            pending.extend(value)  # pyright: ignore[reportUnknownArgumentType]
    return False
