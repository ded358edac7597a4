"""A user's names, and what an application calls them."""

from __future__ import annotations

import re
from typing import Any

from greffier.server import errors
from greffier.server.errors import ErrorItem
from greffier.server.identifications.phone_numbers.reading import looks_like_number
from greffier.server.store.matching import ascii_lower

MAX_NAME = 256
"""Characters."""
MIN_USERNAME, MAX_USERNAME = 4, 64
"""Characters."""

_USERNAME = re.compile(r"[a-z0-9_.-]+")
_LOCALE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,4}")  # RFC 5646 in outline


def name_problems(first_name: Any, last_name: Any) -> list[ErrorItem]:
    """Entries for names that are too long; absent ones are fine."""
    return [
        errors.param_too_long(param, MAX_NAME)
        for param, value in (("first_name", first_name), ("last_name", last_name))
        if isinstance(value, str) and len(value) > MAX_NAME
    ]


def canonical_username(username: str) -> str:
    """Usernames are compared without the case of ASCII letters, which are the only ones they may have."""
    return ascii_lower(username.strip())


def username_problems(username: str) -> list[ErrorItem]:
    """Entries for the problems of a username."""
    if not MIN_USERNAME <= len(username) <= MAX_USERNAME:
        return [
            errors.username_item(
                "invalid_length",
                f"Your username must be between {MIN_USERNAME} and {MAX_USERNAME} characters long.",
            )
        ]
    if not _USERNAME.fullmatch(username):
        return [
            errors.username_item(
                "invalid_character", "Your username can only contain letters, digits, and '_', '-', '.'."
            )
        ]
    if username.isdigit():
        return [
            errors.username_item(
                "needs_non_number_char", "Your username must contain one non-number character."
            )
        ]
    if looks_like_number(username):  # what is entered to sign in is read as a number then
        return [errors.username_item("cannot_be_phone_number", "Your username cannot be a phone number.")]
    return []


def external_id_problems(external_id: str) -> list[ErrorItem]:
    return [errors.param_too_long("external_id", MAX_NAME)] if len(external_id) > MAX_NAME else []


def locale_problems(locale: str) -> list[ErrorItem]:
    if _LOCALE.fullmatch(locale):
        return []
    return [errors.param_format_invalid("locale", "locale must be a language tag such as en-US.")]
