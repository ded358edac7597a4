"""Things that happen to one session at the same time: what has ended stays ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import httpx
import pytest

from greffier.server.sessions.queries import END_OF_USER
from greffier.server.store.database import Transaction
from tests.support.server import Browser, TestServer


async def beside_a_revocation(server: TestServer, browser: Browser, call: Awaitable[httpx.Response]) -> int:
    """The status of a request that arrives while a revocation of every session is not committed yet."""
    user = (await browser.get("/v1/client")).json()["response"]["sessions"][0]["user"]
    async with server.app.database.transaction() as db:
        await revoke(server, db, user["id"])
        request = asyncio.ensure_future(call)
        done, _ = await asyncio.wait({request}, timeout=0.5)
        assert not done, "the request was to wait for the revocation"
    return (await request).status_code


async def revoke(server: TestServer, db: Transaction, user_id: str) -> None:
    (instance,) = server.app.instances
    now = server.clock.now_ms()
    await db.execute(
        END_OF_USER, instance_id=instance.id, user_id=user_id, except_id="", status="revoked", now=now
    )


@pytest.mark.parametrize("action", ["touch", "end", "remove"])
async def test_session_that_is_revoked_meanwhile_stays_revoked(server: TestServer, action: str) -> None:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]
    path = f"/v1/client/sessions/{session_id}"

    status = await beside_a_revocation(server, browser, browser.post(f"{path}/{action}"))

    assert status == (401 if action == "touch" else 200)
    assert (await browser.token(session_id)).status_code == 401
    shown = (await server.backend().get(f"/v1/sessions/{session_id}")).json()
    assert shown["status"] == "revoked"
