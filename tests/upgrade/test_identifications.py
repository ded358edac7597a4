"""Databases of before there was one table for all kinds of identification keep what people have and began."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from greffier.server.identifications.tables import identifications
from greffier.server.sign_ups.tables import sign_ups
from greffier.server.store.migrate import migrate, upgrade_if_needed
from greffier.server.verifications.tables import callbacks, transfers, verifications
from tests.upgrade.databases import execute, read

ROWS = Path(__file__).parent / "rows_at_0002.sql"
FAMILIES = Path(__file__).parent / "rows_at_0006.sql"


async def test_rows_move_to_the_tables_of_all_kinds(empty: str) -> None:
    await asyncio.to_thread(migrate, empty, "0002")
    await execute(empty, ROWS)

    assert await upgrade_if_needed(empty)

    differences, rows = await read(empty)
    assert differences == []
    assert _of(rows, identifications, "kind", "value", "canonical", "claimed", "verification_id") == [
        ("email_address", "Ada@example.com", "ada@example.com", True, "ver_1")
    ]
    assert _of(rows, callbacks, "id", "token_hash", "owner_id") == [("lnk_1", "hash", "sua_1")]
    assert _of(rows, transfers, "kind", "value", "expire_at") == [("email_address", "bob@example.com", 9)]
    assert _of(rows, verifications, "id", "kind", "details") == [
        ("ver_1", "email_address", None),
        ("ver_2", None, None),
    ]
    given = {
        "email_address": {"value": "eve@example.com", "verification_id": "ver_1"},
        "username": {"value": "evelyn", "verification_id": None},
    }
    assert _of(rows, sign_ups, "id", "identifications", "unsafe_metadata", "public_metadata") == [
        ("sua_1", given, {"plan": [1]}, None),
        ("sua_2", {}, {}, {"role": "x"}),
    ]


def _of(rows: dict[str, list[dict[str, Any]]], table: sa.Table, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in rows[table.name]]


async def test_addresses_of_before_have_their_plain_spelling(empty: str) -> None:
    await asyncio.to_thread(migrate, empty, "0002")
    await execute(empty, ROWS)
    await asyncio.to_thread(migrate, empty, "0006")
    await execute(empty, FAMILIES)

    assert await upgrade_if_needed(empty)

    _, rows = await read(empty)
    assert set(_of(rows, identifications, "canonical", "family")) == {
        ("ada@example.com", None),
        ("ada+2@example.com", "ada@example.com"),
        ("a.da-x@yahoo.com", "a.da@yahoo.com"),
        ("a.d.a@googlemail.com", "ada@gmail.com"),
        ("+12025550143", None),
    }
