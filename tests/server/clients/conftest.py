"""Fixtures of this room."""

from __future__ import annotations

from typing import Any

import pytest
from argon2 import PasswordHasher

from tests.server.clients.world import ADA, BOB, CORA, World, signed_in
from tests.support.configuring import configure
from tests.support.organizations import add_member, add_organization
from tests.support.server import PASSWORD, TestServer

DIGEST = PasswordHasher(1, 64, 1).hash(PASSWORD)
"""Costs no time."""


@pytest.fixture
async def world(server: TestServer) -> World:
    settings: dict[str, Any] = {"organizations": {"enabled": True}, "session": {"single_session": False}}
    await configure(server, settings | {"actions": {"create_organization": True}})
    browser, backend = server.browser(), server.backend()
    users, sessions = dict[str, str](), dict[str, str]()
    for address in (CORA, BOB, ADA):
        user = await backend.add_user(address, password_digest=DIGEST, password_hasher="argon2id")
        users[address] = user["id"]
    for address in (CORA, ADA):
        sessions[address] = await signed_in(backend, browser, users[address])
        server.clock.advance(seconds=40)
    second = await browser.post("/v1/me/email_addresses", email_address="second+clerk_test@example.com")
    acme = await add_organization(backend, created_by=users[ADA])
    await add_member(backend, acme, users[BOB])
    return World(server, backend, browser, users, sessions, acme, second.json()["response"]["id"])
