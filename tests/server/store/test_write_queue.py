"""Writers of several processes take turns at one SQLite file."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert

from greffier.server.settings import Timeouts
from greffier.server.store.database import DatabaseUnavailable, Transaction
from greffier.server.store.opening import open_database
from greffier.server.store.statements import Statement

NOTES = Table("notes", MetaData(), Column("process", Integer), Column("number", Integer))
INSERT = Statement(insert(NOTES), int)

PROCESSES, WRITERS, EACH = 4, 50, 6

# Writers hold the lock over some turns of the event loop, as rules do.
WRITER = f"""
import asyncio, sys, time
from greffier.server.store.opening import open_database
from tests.server.store.test_write_queue import INSERT

async def main(url, process):
    database = open_database(url)
    await database.start()

    async def write(number):
        for _ in range({EACH}):
            async with database.transaction() as db:
                await db.execute(INSERT, process=process, number=number)
                for _ in range(3):
                    await asyncio.sleep(0)
                    busy_until = time.monotonic() + 0.0002
                    while time.monotonic() < busy_until:
                        pass

    print("ready", flush=True)
    sys.stdin.readline()
    await asyncio.gather(*(write(number) for number in range({WRITERS})))
    print("done")
    await database.stop()

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    path = tmp_path / "notes.db"
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("CREATE TABLE notes (process INTEGER, number INTEGER)")
    file.close()
    return f"sqlite:///{path}"


def count(url: str) -> int:
    file = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        return file.execute("SELECT count(*) FROM notes").fetchone()[0]
    finally:
        file.close()


def while_all_write(url: str) -> list[int]:
    """The process that wrote each row, in order, until the first of them is done."""
    file = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        order = [row[0] for row in file.execute("SELECT process FROM notes ORDER BY rowid")]
    finally:
        file.close()
    first_done = min(len(order) - order[::-1].index(process) for process in range(PROCESSES))
    return order[:first_done]


async def note(db: Transaction) -> None:
    await db.execute(INSERT, process=0, number=0)


def test_crowds_of_four_processes_all_get_their_turn(url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, url, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60)[0] for process in processes]

    assert count(url) == PROCESSES * WRITERS * EACH
    assert all(answer == "done\n" for answer in answers)
    turns = [len(list(group)) for _, group in groupby(while_all_write(url))]
    # Without a queue a process goes on until its crowd is served: about 50 in a row.
    assert sum(turns) / len(turns) < 4


async def test_turn_that_does_not_come_in_time_is_an_outage(url: str) -> None:
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    database = open_database(url, Timeouts(acquire=0.1))
    await database.start()
    try:
        with pytest.raises(DatabaseUnavailable):
            async with database.transaction() as db:
                await note(db)
        other.execute("ROLLBACK")
        async with database.transaction() as db:
            await note(db)
    finally:
        await database.stop()
        other.close()

    assert count(url) == 1


async def test_place_in_the_queue_of_who_gave_up_is_free_again(url: str) -> None:
    patient, hasty = open_database(url), open_database(url, Timeouts(acquire=0.1))
    await patient.start()
    await hasty.start()
    holder = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        async with patient.transaction() as db:
            await note(db)

    first_in_line = asyncio.create_task(write())
    await asyncio.sleep(0)
    with pytest.raises(DatabaseUnavailable):  # waits behind `patient` and gives up
        async with hasty.transaction() as db:
            await note(db)
    holder.execute("ROLLBACK")
    await first_in_line
    await write()
    async with hasty.transaction() as db:
        await note(db)
    await patient.stop()
    await hasty.stop()
    holder.close()

    assert count(url) == 3
