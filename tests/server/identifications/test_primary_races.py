"""Of a user's identifications of one kind, one at most is primary, whatever happens at the same time."""

from __future__ import annotations

import asyncio

import msgspec

from greffier.server.identifications.queries import LOCK_OF_USER, UPDATE
from tests.support.server import TEST_CODE, TestServer


async def test_address_that_is_verified_while_another_becomes_primary_does_not_become_primary_too(
    server: TestServer,
) -> None:
    browser = server.browser()
    await browser.sign_up("ada+clerk_test@example.com")
    answer = await browser.post("/v1/me/email_addresses", email_address="second+clerk_test@example.com")
    path = f"/v1/me/email_addresses/{answer.json()['response']['id']}"
    await browser.post(f"{path}/prepare_verification", strategy="email_code")
    user_id = answer.json()["client"]["sessions"][0]["user"]["id"]
    (instance,) = server.app.instances
    keys = {"instance_id": instance.id, "user_id": user_id}
    async with server.app.database.transaction() as db:
        for one in await db.all(LOCK_OF_USER, **keys):
            await db.save(UPDATE, msgspec.structs.replace(one, is_primary=False))

    async with server.app.database.transaction() as db:
        (first,) = [one for one in await db.all(LOCK_OF_USER, **keys) if one.claimed]
        await db.save(UPDATE, msgspec.structs.replace(first, is_primary=True))
        attempt = asyncio.ensure_future(browser.post(f"{path}/attempt_verification", code=TEST_CODE))
        done, _ = await asyncio.wait({attempt}, timeout=0.5)
        assert not done, "the attempt was to wait for the other request"
    verified = await attempt

    assert verified.json()["response"]["verification"]["status"] == "verified"
    async with server.app.database.transaction() as db:
        assert [one.id for one in await db.all(LOCK_OF_USER, **keys) if one.is_primary] == [first.id]
