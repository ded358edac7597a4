"""Searching for a part of an email address, however it was spelled."""

from __future__ import annotations

import unicodedata
from typing import Any

import sqlalchemy as sa

from greffier.server.delivery.addresses import canonical
from greffier.server.store.matching import contains


def address_contains(table: sa.Table, text: str) -> sa.ColumnElement[bool]:
    """Condition that the address of a row of `table` (`email_address`, `canonical`) contains `text`."""
    address: sa.ColumnElement[Any] = table.c.email_address
    return sa.or_(
        contains(table.c.canonical, canonical(text)),
        contains(address, unicodedata.normalize("NFC", text)),
    )
