"""Shortcodes in the claims of JWT templates: `{{user.username || 'anonymous'}}` becomes a value of the
session.

A string that is one shortcode becomes the value with its type; within other text a value is written out. A
value is never searched for shortcodes again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

# A brace ends the search, so that unfinished ones cost no second look at what follows.
_SHORTCODE = re.compile(r"\{\{((?:'[^']*'|[^'{}])*)\}\}")
_OPERAND = re.compile(r"\s*(?:'(?P<text>[^']*)'|(?P<word>[^'|\s](?:[^'|]*[^'|\s])?))\s*")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
_LITERALS = {"true": True, "false": False, "null": None}


def shortcode_problems(claims: Any) -> list[str]:
    """The malformed shortcodes of these claims. `{{'{{'}}` writes the braces."""
    return [problem for text in _texts(claims) for problem in _problems_of(text)]


def _problems_of(text: str) -> Iterator[str]:
    for shortcode in _SHORTCODE.finditer(text):
        if _operands(shortcode.group(1)) is None:
            yield shortcode.group()
    _, begun, unfinished = _SHORTCODE.sub("", text).partition("{{")
    if begun:
        yield begun + unfinished


def rendered(claims: Any, values: dict[str, Any]) -> Any:
    """The claims with a value for each shortcode.

    Args:
        values: objects by the first word of a path: `user`, `session`, `org`. A path without a value is null.
    """
    if isinstance(claims, str):
        return _rendered_text(claims, values)
    if isinstance(claims, dict):
        return {name: rendered(value, values) for name, value in claims.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(claims, list):
        return [rendered(value, values) for value in claims]  # pyright: ignore[reportUnknownVariableType]
    return claims


def _texts(claims: Any) -> Iterator[str]:
    if isinstance(claims, str):
        yield claims
    elif isinstance(claims, dict | list):
        for value in claims.values() if isinstance(claims, dict) else claims:  # pyright: ignore[reportUnknownVariableType]
            yield from _texts(value)


def _rendered_text(text: str, values: dict[str, Any]) -> Any:
    if whole := _SHORTCODE.fullmatch(text):
        return _value(whole.group(1), values)
    return _SHORTCODE.sub(lambda found: _written(_value(found.group(1), values)), text)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _value(expression: str, values: dict[str, Any]) -> Any:
    """The first operand that is neither null nor false; without one, the last."""
    value = None
    for is_text, operand in _operands(expression) or ():
        value = operand if is_text else _meaning(operand, values)
        if value is not None and value is not False:
            break
    return value


def _operands(expression: str) -> list[tuple[bool, str]] | None:
    """The operands between `||`, with whether they were in quotes; `None` when malformed."""
    found: list[tuple[bool, str]] = []
    at = 0
    while operand := _OPERAND.match(expression, at):
        text = operand["text"]
        found.append((text is not None, text if text is not None else operand["word"]))
        at = operand.end()
        if at == len(expression):
            return found
        if not expression.startswith("||", at):
            return None
        at += 2
    return None


def _meaning(word: str, values: dict[str, Any]) -> Any:
    if word in _LITERALS:
        return _LITERALS[word]
    if number := _NUMBER.fullmatch(word):
        return float(word) if number[1] else int(word)
    value: Any = values
    for name in word.split("."):
        value = value.get(name) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    return value  # pyright: ignore[reportUnknownVariableType]
