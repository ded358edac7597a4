"""Databases from before migrations had numbers become what a fresh one is, and keep their rows."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from greffier.server.signing.keys import create_signing_key
from greffier.server.store.migrate import current_revision, migrate, newest_revision, upgrade_if_needed
from greffier.server.store.opening import open_database
from tests.support.server import DEVELOPMENT, running
from tests.upgrade.databases import AT_4D79DEE, LAST_WITHOUT_NUMBER, ROWS, SCHEMA, Rows, execute, read


@pytest.fixture
async def fresh(tmp_path: Path) -> Rows:
    """The same rows in a database that was made with numbered migrations alone."""
    url = f"sqlite:///{tmp_path / 'fresh.db'}"
    await asyncio.to_thread(migrate, url, "0001")
    await execute(url, ROWS)
    await upgrade_if_needed(url)
    return (await read(url))[1]


def changed(before: Rows, after: Rows) -> dict[str, dict[str, Any]]:
    """The columns that differ, by the id of their row."""
    found: dict[str, dict[str, Any]] = {}
    for table, rows in after.items():
        for old, new in zip(before[table], rows, strict=True):
            if difference := {name: value for name, value in new.items() if value != old[name]}:
                found[new["id"]] = difference
    return found


async def test_database_of_the_last_revision_without_number_is_what_a_fresh_one_is(
    empty: str, fresh: Rows
) -> None:
    await execute(empty, *LAST_WITHOUT_NUMBER)

    assert await upgrade_if_needed(empty)

    differences, rows = await read(empty)
    assert differences == []
    assert changed(fresh, rows) == {}
    assert await current_revision(empty) == newest_revision()


async def test_database_of_the_revision_between_gets_what_is_missing(
    empty: str, fresh: Rows, tmp_path: Path
) -> None:
    between = tmp_path / "between.sql"
    between.write_text(
        "ALTER TABLE verifications ADD COLUMN sent_to TEXT;"
        "UPDATE alembic_version SET version_num = '2026_11_30_canonical_addresses';"
    )
    await execute(empty, SCHEMA, between, ROWS)

    assert await upgrade_if_needed(empty)

    differences, rows = await read(empty)
    assert differences == []
    assert changed(fresh, rows) == {}


async def test_database_of_4d79dee_differs_from_a_fresh_one_in_lookalike_addresses_alone(
    empty: str, fresh: Rows, caplog: pytest.LogCaptureFixture
) -> None:
    await execute(empty, *AT_4D79DEE)

    with caplog.at_level(logging.WARNING, "greffier.migrations"):
        assert await upgrade_if_needed(empty)

    differences, rows = await read(empty)
    assert differences == []
    assert changed(fresh, rows) == {
        "idn_2": {"canonical": "info@xn--fa-hia.example"},
        # The same address of another user finds no user until it is verified anew.
        "idn_3": {
            "canonical": "info@xn--fa-hia.example#idn_3",
            "claimed": False,
            "is_primary": False,
            "verification_id": None,
        },
        "idn_4": {"is_primary": True},
        "inv_1": {"canonical": "invited@xn--fa-hia.example", "is_exclusive": False},
        "orginv_1": {"canonical": "invited@xn--fa-hia.example"},
        # A sign-in that was under way may have found a lookalike.
        "sia_1": {"abandon_at": 0},
        "ver_2": {"status": "expired"},
    }
    assert "Address idn_3 of user user_3" in caplog.text
    assert "the same as address idn_2 of user user_1" in caplog.text
    assert await current_revision(empty) == newest_revision()


async def test_owner_of_a_lookalike_registers_their_own_address_after_the_upgrade(empty: str) -> None:
    await execute(empty, *AT_4D79DEE)
    await upgrade_if_needed(empty)
    database = open_database(empty)
    await database.start()
    async with database.transaction() as db:
        await create_signing_key(db, instance_id="ins_1", now_ms=0)
    await database.stop()

    async with running(empty, DEVELOPMENT) as server:
        theirs = await server.backend().add_user("info@fass.example")
        found = (await server.backend().get("/v1/users", email_address="info@faß.example")).json()

    assert [user["id"] for user in found] == ["user_1"] != [theirs["id"]]


async def test_second_upgrade_of_an_old_database_does_nothing(empty: str) -> None:
    await execute(empty, *AT_4D79DEE)
    await upgrade_if_needed(empty)
    before = await read(empty)

    assert not await upgrade_if_needed(empty)
    assert await read(empty) == before
