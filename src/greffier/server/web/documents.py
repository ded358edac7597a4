"""JSON documents that callers send to be kept."""

from __future__ import annotations

from typing import Any

MAX_DEPTH = 100
"""Levels of objects and arrays in one document."""


def is_too_deep(document: dict[str, Any]) -> bool:
    """Level by level, because what is looked for here would exhaust the stack of a recursive function."""
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        level = [
            member
            for value in level
            for member in (value.values() if isinstance(value, dict) else value)  # pyright: ignore[reportUnknownVariableType]
            if isinstance(member, dict | list)
        ]
        if not level:
            return False
    return True
