"""The purger works in small batches, beside other processes, by itself."""

from __future__ import annotations

import asyncio
import logging

import httpx
import pytest

from greffier.server.identifications.queries import DELETE as DELETE_ADDRESS
from greffier.server.identifications.tables import identifications
from greffier.server.jobs.purger import BATCH_SIZE
from greffier.server.jobs.retention_rules import DAY
from greffier.server.sign_ins.tables import sign_ins
from greffier.server.sign_ups.tables import sign_ups
from greffier.server.store.all_tables import metadata
from greffier.server.store.postgresql import driver
from greffier.server.verifications.tables import verifications
from tests.server.jobs.rows import RETENTION_RULES, add_old, add_row, ids_of, own_id, purger
from tests.support.server import TestServer

on_postgresql = pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)


async def test_more_rows_go_than_one_transaction_takes(server: TestServer) -> None:
    for _ in range(BATCH_SIZE + 5):
        await add_old(server, "sign_ins", own_id(server))

    await server.app.purger.run()

    assert await ids_of(server.app.database, sign_ins) == set()
    assert server.app.purger.purged["sign_ins"] == BATCH_SIZE + 5


async def test_rows_that_stay_are_not_in_the_way_of_others(server: TestServer) -> None:
    shown = [await add_old(server, "verifications", own_id(server), late=-DAY) for _ in range(BATCH_SIZE + 5)]
    for verification_id in shown:
        await add_row(
            server.app.database,
            identifications,
            own_id(server),
            user_id=await _user(server),
            verification_id=verification_id,
        )
    orphan = await add_old(server, "verifications", own_id(server))

    await server.app.purger.run()

    assert orphan not in await ids_of(server.app.database, verifications)
    assert server.app.purger.purged["verifications"] == 1


async def _user(server: TestServer) -> str:
    users = metadata.tables["users"]
    known = await ids_of(server.app.database, users)
    return known.pop() if known else await add_row(server.app.database, users, own_id(server))


async def test_row_that_is_no_longer_referenced_is_found_within_a_day(server: TestServer) -> None:
    verification_id = await add_old(server, "verifications", own_id(server))
    address = await add_row(
        server.app.database, identifications, own_id(server), verification_id=verification_id
    )
    own = purger(server)
    await own.run()
    async with server.app.database.transaction() as db:
        await db.execute(DELETE_ADDRESS, instance_id=own_id(server), id=address)

    server.clock.advance(seconds=25 * 3600)
    await own.run()

    assert verification_id not in await ids_of(server.app.database, verifications)


async def test_two_workers_that_forget_at_once_forget_each_row_once(server: TestServer) -> None:
    for _ in range(40):
        await add_old(server, "sign_ups", own_id(server))
    workers = [purger(server), purger(server)]

    await asyncio.gather(*(worker.run() for worker in workers))

    assert sum(worker.purged["sign_ups"] for worker in workers) == 40
    assert [worker.failures for worker in workers] == [0, 0]


@on_postgresql
async def test_row_that_a_request_works_on_is_left_for_the_next_time(server: TestServer) -> None:
    held, _ = [await add_old(server, "sign_ins", own_id(server)) for _ in range(2)]
    connection = await driver().connect(server.app.database.url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT * FROM sign_ins WHERE id = $1 FOR UPDATE", held)
            async with asyncio.timeout(20):
                await server.app.purger.run()
            assert await ids_of(server.app.database, sign_ins) == {held}
    finally:
        await connection.close()

    await server.app.purger.run()

    assert await ids_of(server.app.database, sign_ins) == set()


async def test_failure_is_logged_once_and_hinders_nothing_else(
    server: TestServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_old(server, "sign_ins", own_id(server))
    await add_old(server, "sign_ups", own_id(server))
    own = purger(server)
    for table in ("sign_ins", "transfers"):
        monkeypatch.setattr(RETENTION_RULES[table], "due", None)

    with caplog.at_level(logging.ERROR, "greffier.jobs"):
        await own.run()

    assert len([record for record in caplog.records if record.name == "greffier.jobs"]) == 1
    assert own.failures == 1
    assert len(await ids_of(server.app.database, sign_ins)) == 1
    assert await ids_of(server.app.database, sign_ups) == set()


async def test_server_that_stops_does_not_wait_until_everything_is_forgotten(server: TestServer) -> None:
    for _ in range(3 * BATCH_SIZE):
        await add_old(server, "sign_ins", own_id(server))
    own = server.app.purger
    server.clock.advance(seconds=3600)
    async with asyncio.timeout(20):
        while not own.purged["sign_ins"]:
            await asyncio.sleep(0.001)

    await own.stop()

    left = len(await ids_of(server.app.database, sign_ins))
    assert left in (BATCH_SIZE, 2 * BATCH_SIZE)
    assert own.purged["sign_ins"] + left == 3 * BATCH_SIZE
    assert own.failures == 0


async def test_running_server_purges_by_itself_when_the_time_has_come(server: TestServer) -> None:
    await server.browser().begin_sign_up("ada+clerk_test@example.com")
    server.clock.advance(seconds=9 * 24 * 3600)

    async with asyncio.timeout(20):
        while await ids_of(server.app.database, sign_ups):
            await asyncio.sleep(0.02)


async def test_purged_rows_are_counted_in_the_metrics(server: TestServer) -> None:
    await add_old(server, "testing_tokens", own_id(server))
    await server.app.purger.run()

    transport = httpx.ASGITransport(app=server.app, client=("127.0.0.1", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8787") as http:
        page = (await http.get("/metrics")).text

    lines = [line for line in page.splitlines() if line.startswith("greffier_purge")]
    assert any('table="testing_tokens"' in line and line.endswith(" 1.0") for line in lines)
    assert any(line.startswith("greffier_purge_failures_total") for line in lines)
