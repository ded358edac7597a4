"""A user's names."""

from __future__ import annotations

from typing import Any

from greffier.server import errors
from greffier.server.errors import ErrorItem

MAX_NAME = 256
"""Characters."""


def name_problems(first_name: Any, last_name: Any) -> list[ErrorItem]:
    """Entries for names that are too long; absent ones are fine."""
    return [
        errors.form_item(
            "form_param_max_length_exceeded",
            param,
            "is too long",
            f"{param} should not exceed {MAX_NAME} characters.",
        )
        for param, value in (("first_name", first_name), ("last_name", last_name))
        if isinstance(value, str) and len(value) > MAX_NAME
    ]
