"""Rows are purged after their retention, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from greffier.server.clients.tables import clients, dev_browsers
from greffier.server.delivery.tables import messages
from greffier.server.identifications.retention import SHOWN_BY
from greffier.server.identifications.tables import identifications
from greffier.server.jobs.retention_rules import DAY
from greffier.server.sessions.tables import refresh_tokens, sessions
from greffier.server.sign_ins.tables import reverifications
from greffier.server.sign_ups.tables import sign_ups
from greffier.server.store.all_tables import metadata
from greffier.server.verifications.attempts.lifecycle import ABANDONED_AFTER
from greffier.server.verifications.tables import verifications
from tests.server.jobs.rows import RETENTION_RULES, add_old, add_row, ids_of, own_id, purger
from tests.support.server import TestServer

MINUTE = 60_000


@pytest.mark.parametrize("table", RETENTION_RULES)
async def test_row_goes_when_its_time_is_over_and_not_before(server: TestServer, table: str) -> None:
    before = await ids_of(server.app.database, metadata.tables[table])
    await add_old(server, table, own_id(server))
    young = await add_old(server, table, own_id(server), late=MINUTE)

    await server.app.purger.run()

    assert await ids_of(server.app.database, metadata.tables[table]) - before == {young}
    assert server.app.purger.purged[table] == 1
    assert server.app.purger.failures == 0


@pytest.mark.parametrize("table", RETENTION_RULES)
async def test_row_of_another_instance_stays(server: TestServer, table: str) -> None:
    await server.neighbour()
    (other,) = [one for one in server.app.instances.ids() if one != own_id(server)]
    theirs = await add_old(server, table, other)
    await add_old(server, table, own_id(server))

    await purger(server, [own_id(server)]).run()

    left = await ids_of(server.app.database, metadata.tables[table], own_id(server), other)
    assert left == {theirs}


async def test_address_keeps_its_verification(server: TestServer) -> None:
    user_id = (await server.browser().sign_up())["sessions"][0]["user"]["id"]
    orphan = await add_old(server, "verifications", own_id(server), late=40 * DAY)
    server.clock.advance(seconds=100 * 24 * 3600)

    await server.app.purger.run()

    (address,) = (await server.backend().get(f"/v1/users/{user_id}")).json()["email_addresses"]
    assert address["verification"]["status"] == "verified"
    assert orphan not in await ids_of(server.app.database, verifications)
    assert len(await ids_of(server.app.database, verifications)) == 1


async def test_reference_from_another_instance_does_not_keep_a_verification(server: TestServer) -> None:
    await server.neighbour()
    (other,) = [one for one in server.app.instances.ids() if one != own_id(server)]
    gone = await add_old(server, "verifications", own_id(server))
    await add_row(server.app.database, identifications, other, verification_id=gone)

    await server.app.purger.run()

    assert gone not in await ids_of(server.app.database, verifications)


async def test_sign_up_in_progress_stays_with_its_verification(server: TestServer) -> None:
    browser = server.browser()
    started = await browser.begin_sign_up("ada+clerk_test@example.com")
    server.clock.advance(seconds=23 * 3600)

    await server.app.purger.run()

    shown = (await browser.get("/v1/client")).json()["response"]["sign_up"]
    assert shown["id"] == started["id"]
    assert shown["verifications"]["email_address"]["strategy"] == "email_code"


async def test_sign_in_in_progress_stays_with_its_verification(server: TestServer) -> None:
    await server.browser().sign_up()
    browser = server.browser()
    begun = await browser.post("/v1/client/sign_ins", identifier="ada+clerk_test@example.com")
    factors = begun.json()["response"]["supported_first_factors"]
    (factor,) = [one for one in factors if one["strategy"] == "email_code"]
    path = f"/v1/client/sign_ins/{begun.json()['response']['id']}"
    await browser.post(
        f"{path}/prepare_first_factor", strategy="email_code", email_address_id=factor["email_address_id"]
    )
    server.clock.advance(seconds=23 * 3600)

    await server.app.purger.run()

    shown = (await browser.get("/v1/client")).json()["response"]["sign_in"]
    assert shown["first_factor_verification"]["strategy"] == "email_code"


async def test_abandoned_sign_up_is_unknown_afterwards(server: TestServer) -> None:
    browser = server.browser()
    started = await browser.begin_sign_up("ada+clerk_test@example.com")
    server.clock.advance(seconds=9 * 24 * 3600)

    await server.app.purger.run()
    await browser.call("PUT", "/v1/client")  # the client without a session went too

    assert (await browser.get(f"/v1/client/sign_ups/{started['id']}")).status_code == 404
    assert await ids_of(server.app.database, sign_ups) == set()


def test_whatever_names_a_verification_goes_before_it_or_keeps_it() -> None:
    named_by = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.c
        if column.name.endswith("verification_id")
    }
    sooner = {
        "sign_ins": ABANDONED_AFTER,
        "sign_ups": ABANDONED_AFTER,
        "reverifications": 0,  # by their last change, when they name a new one
        "transfers": DAY,  # they expire minutes later
        "passkeys": 0,  # those that are not registered; the others name none
        "external_accounts": 0,  # those that are not connected; the others are shown without it
    }

    keeping = {(column.table.description, column.name) for column in SHOWN_BY}
    with_it = {("callbacks", "verification_id")}

    assert {name for name in named_by if name[0] not in sooner} == keeping | with_it
    assert RETENTION_RULES["callbacks"].keep <= RETENTION_RULES["verifications"].keep
    for table, lives in sooner.items():
        assert lives + RETENTION_RULES[table].keep < RETENTION_RULES["verifications"].keep


@pytest.mark.parametrize(
    "end",
    [
        {"expire_at": -91 * DAY},
        {"abandon_at": -91 * DAY},
        {"status": "revoked", "updated_at": -91 * DAY},
        {"status": "ended", "updated_at": -91 * DAY},
    ],
    ids=["expired", "inactive", "revoked", "ended"],
)
async def test_session_goes_three_months_after_its_end(server: TestServer, end: dict[str, Any]) -> None:
    now = server.clock.now_ms()
    long_ago = {"created_at": now - 400 * DAY, "status": "active", "updated_at": now - 300 * DAY}
    to_come = {"expire_at": now + DAY, "abandon_at": now + DAY}

    def moments(ahead: int) -> dict[str, Any]:
        return {key: now + ahead + value if isinstance(value, int) else value for key, value in end.items()}

    gone = await add_row(server.app.database, sessions, own_id(server), **(long_ago | to_come | moments(0)))
    kept = await add_row(
        server.app.database, sessions, own_id(server), **(long_ago | to_come | moments(2 * DAY))
    )
    live = await add_row(server.app.database, sessions, own_id(server), **(long_ago | to_come))
    for session_id in (gone, live):
        await add_row(server.app.database, refresh_tokens, own_id(server), session_id=session_id)
        await add_row(
            server.app.database, reverifications, own_id(server), session_id=session_id, updated_at=now
        )

    await server.app.purger.run()

    assert await ids_of(server.app.database, sessions) == {kept, live}
    assert len(await ids_of(server.app.database, refresh_tokens)) == 1
    assert len(await ids_of(server.app.database, reverifications)) == 1


async def test_pending_invitations_stay(server: TestServer) -> None:
    backend = server.backend()
    invited = await backend.post("/v1/invitations", email_address="ada@example.com", expires_in_days=365)
    server.clock.advance(seconds=364 * 24 * 3600)

    await server.app.purger.run()

    assert [one["id"] for one in (await backend.get("/v1/invitations")).json()] == [invited.json()["id"]]


async def test_former_secret_is_a_sign_of_theft_for_as_long_as_a_cookie_lives(server: TestServer) -> None:
    browser = server.browser()
    await browser.sign_up()
    stolen = dict(browser.http.cookies)
    await browser.delete("/v1/client/sessions")
    await browser.sign_in()
    assert dict(browser.http.cookies)["__client"] != stolen["__client"]
    server.clock.advance(seconds=399 * 24 * 3600)
    await server.app.purger.run()
    assert (await browser.get("/v1/client")).json()["response"] is not None
    thief = server.browser()
    thief.http.cookies.update(stolen)

    await thief.get("/v1/client")

    assert (await browser.get("/v1/client")).json()["response"] is None


async def test_dev_browser_of_a_client_stays(server: TestServer) -> None:
    bound = await add_old(server, "dev_browsers", own_id(server), client_id="client_x")

    await server.app.purger.run()

    assert await ids_of(server.app.database, dev_browsers) == {bound}


async def test_message_that_waits_to_be_sent_stays(server: TestServer) -> None:
    waits = await add_old(server, "messages", own_id(server), status="queued", next_attempt_at=1 << 45)
    await add_old(server, "messages", own_id(server), status="failed")

    await server.app.purger.run()

    assert await ids_of(server.app.database, messages) == {waits}


async def test_client_that_never_held_a_session_goes_after_a_day(server: TestServer) -> None:
    stranger, ada = server.browser(), server.browser()
    await stranger.call("PUT", "/v1/client")
    await ada.sign_up()
    server.clock.advance(seconds=23 * 3600)
    assert (await stranger.get("/v1/client")).json()["response"] is not None
    await server.app.purger.run()
    assert len(await ids_of(server.app.database, clients)) == 2
    server.clock.advance(seconds=2 * 3600)

    await server.app.purger.run()

    (kept,) = await ids_of(server.app.database, clients)
    assert (await ada.get("/v1/client")).json()["response"]["id"] == kept
    assert (await stranger.call("PUT", "/v1/client")).status_code == 200


async def test_client_in_the_middle_of_a_sign_in_stays(server: TestServer) -> None:
    await server.browser().sign_up()
    browser = server.browser()
    await browser.call("PUT", "/v1/client")
    server.clock.advance(seconds=25 * 3600)
    await browser.post("/v1/client/sign_ins", identifier="ada+clerk_test@example.com")

    await server.app.purger.run()

    assert (await browser.get("/v1/client")).json()["response"]["sign_in"] is not None
