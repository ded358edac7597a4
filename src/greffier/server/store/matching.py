"""Comparison of texts, and search for them in a column."""

from __future__ import annotations

import string
from typing import Any

import sqlalchemy as sa

_LOWER = {ord(letter): letter.lower() for letter in string.ascii_uppercase}


def ascii_lower(text: str) -> str:
    """Without the case of ASCII letters. Others keep theirs, and none becomes an ASCII letter, as the Kelvin
    sign does where `str.lower` is used."""
    return text.translate(_LOWER)


def contains(column: sa.ColumnElement[Any], text: str) -> sa.ColumnElement[bool]:
    """Without case. Databases may fold ASCII letters only; others are asked for in their usual spellings, if
    these are of the same letters: the capitals of `ß` are those of `ss`."""
    spellings = {text} if text.isascii() else {text, text.lower(), text.upper(), text.title()}
    spellings = {spelling for spelling in spellings if spelling.lower() == text.lower()}
    return sa.or_(*(column.icontains(spelling, autoescape=True) for spelling in sorted(spellings)))
