"""Searching for a part of a text in a column."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def contains(column: sa.ColumnElement[Any], text: str) -> sa.ColumnElement[bool]:
    """Without case. Databases may fold ASCII letters only; others are asked for in their usual spellings."""
    spellings = {text} if text.isascii() else {text, text.lower(), text.upper(), text.title()}
    return sa.or_(*(column.icontains(spelling, autoescape=True) for spelling in sorted(spellings)))
