"""A clock that is behind the newest signing key: tokens go on, and the operator is told."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest

from greffier.server.signing.keys import rotate_signing_key
from tests.support.server import TestServer

HOUR = 3600


def kid_of(token: str) -> str:
    head = token.partition(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]


async def test_only_key_signs_though_the_clock_is_behind_it(
    server: TestServer, caplog: pytest.LogCaptureFixture
) -> None:
    browser = server.browser()
    client = await browser.sign_up()
    server.clock.advance(seconds=-HOUR)

    await server.app.poll()
    answer = await browser.token(client["last_active_session_id"])
    await server.app.poll()
    signed_in = await server.browser().sign_in()

    assert answer.status_code == 200
    assert signed_in["sessions"][0]["status"] == "active"
    said = [record.getMessage() for record in caplog.records if record.name == "greffier.signing"]
    assert len(said) == 1
    assert "clock" in said[0]


async def test_oldest_key_signs_when_the_clock_is_behind_all_of_them(server: TestServer) -> None:
    browser = server.browser()
    client = await browser.sign_up()
    before = kid_of((await browser.token(client["last_active_session_id"])).json()["jwt"])
    (instance_id,) = server.app.instances.ids()
    async with server.app.database.transaction() as db:
        await rotate_signing_key(
            db,
            instance_id=instance_id,
            overlap_ms=7 * 24 * HOUR * 1000,
            longest_token_ms=60_000,
            now_ms=server.clock.now_ms(),
        )
    server.clock.advance(seconds=HOUR)
    await server.app.reload()
    rotated = kid_of((await browser.token(client["last_active_session_id"])).json()["jwt"])
    server.clock.advance(seconds=-3 * HOUR)
    await server.app.poll()

    behind = kid_of((await browser.token(client["last_active_session_id"])).json()["jwt"])

    assert behind == before != rotated


async def test_newest_key_signs_again_when_the_clock_is_right(server: TestServer) -> None:
    browser = server.browser()
    client = await browser.sign_up()
    server.clock.advance(seconds=-HOUR)
    await server.app.poll()
    server.clock.advance(seconds=HOUR)
    await server.app.poll()

    answers = await asyncio.gather(*(browser.token(client["last_active_session_id"]) for _ in range(3)))

    assert [answer.status_code for answer in answers] == [200] * 3
