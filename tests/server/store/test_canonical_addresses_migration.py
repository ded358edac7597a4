"""Addresses of a database from before they were compared by their A-label domains."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
import sqlalchemy as sa

from greffier.server.store.database import open_database
from greffier.server.store.migrate import migrate, newest_revision
from greffier.server.store.statements import Statement
from tests.support.answers import error_of
from tests.support.server import DEVELOPMENT, TEST_CODE, TestServer, running

BEFORE = "2026_11_23_zk_forgetting_mail"
REVISION = "2026_11_30_canonical_addresses"
SHARP, TWIN, OTHER = "info@faß.example", "info@fass.example", "other@example.com"


async def execute(server: TestServer, text: str, **values: Any) -> None:
    async with server.app.database.transaction() as db:
        await db.all(Statement(sa.text(text)), **values)


async def migrate_alone(url: str) -> None:
    """Run this migration on a database that has all others, those that came later too."""
    await asyncio.to_thread(migrate, url, REVISION)
    database = open_database(url)
    await database.start()
    async with database.transaction() as db:
        await db.all(
            Statement(sa.text("UPDATE alembic_version SET version_num = :now")), now=newest_revision()
        )
    await database.stop()


async def rewind(server: TestServer) -> None:
    """The schema as it was before; what the tests write is as it was before, too."""
    await execute(server, "ALTER TABLE verifications DROP COLUMN sent_to")
    await execute(server, "UPDATE alembic_version SET version_num = :before", before=BEFORE)


async def spell(server: TestServer, address: str, *, canonical: str, now: str | None = None) -> None:
    await execute(
        server,
        "UPDATE email_addresses SET canonical = :canonical, email_address = :now"
        " WHERE email_address = :address",
        canonical=canonical,
        now=now or address,
        address=address,
    )


async def test_migration_gives_the_owner_of_a_lookalike_their_own_address(development_database: str) -> None:
    async with running(development_database, DEVELOPMENT) as server:
        ours = await server.backend().add_user(SHARP)
        await spell(server, SHARP, canonical=SHARP.casefold())
        await rewind(server)

    await migrate_alone(development_database)

    async with running(development_database, DEVELOPMENT) as server:
        theirs = await server.backend().add_user(TWIN)
        found = (await server.backend().get("/v1/users", email_address=SHARP)).json()
    assert [user["id"] for user in found] == [ours["id"]] != [theirs["id"]]


async def test_migration_reports_addresses_that_are_one_now_and_merges_nobody(
    development_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(development_database, DEVELOPMENT) as server:
        first = await server.backend().add_user(SHARP)
        second = await server.backend().add_user(OTHER)
        spare = await server.backend().post(
            "/v1/email_addresses", user_id=second["id"], email_address="spare@example.com", verified=True
        )
        await spell(server, SHARP, canonical=SHARP.casefold())
        await spell(server, OTHER, canonical="info@xn--fa-hia.example ", now="info@xn--fa-hia.example")
        await rewind(server)

    with caplog.at_level(logging.WARNING, "greffier.migrations"):
        await migrate_alone(development_database)

    async with running(development_database, DEVELOPMENT) as server:
        found = (await server.backend().get("/v1/users", email_address=SHARP)).json()
        left = (await server.backend().get(f"/v1/users/{second['id']}")).json()
    assert [user["id"] for user in found] == [first["id"]]
    assert left["primary_email_address_id"] == spare.json()["id"]
    verified = {one["id"]: one["verification"] for one in left["email_addresses"]}
    assert verified.pop(spare.json()["id"])
    assert list(verified.values()) == [None]
    assert first["id"] in caplog.text
    assert second["id"] in caplog.text


async def test_migration_ends_sign_ins_that_may_have_found_a_lookalike(development_database: str) -> None:
    async with running(development_database, DEVELOPMENT) as server:
        browser = server.browser()
        address = "ada+clerk_test@example.com"
        await server.backend().add_user(address)
        begun = await browser.post("/v1/client/sign_ins", identifier=address, strategy="email_code")
        cookies = browser.http.cookies
        await rewind(server)

    await migrate_alone(development_database)

    async with running(development_database, DEVELOPMENT) as server:
        browser = server.browser()
        browser.http.cookies = cookies
        path = f"/v1/client/sign_ins/{begun.json()['response']['id']}/attempt_first_factor"
        refused = await browser.post(path, strategy="email_code", code=TEST_CODE)
    assert error_of(refused)[0] == 400
