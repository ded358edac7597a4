"""A process that is killed loses nothing that it has acknowledged, and leaves nothing half-written."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx

from tests.support.services.processes import GREFFIER, greffier_dev, running_process

SIGN_UPS = 1000
ENOUGH = 100
"""Number of sign-ups that must be acknowledged before the process is killed."""
NO_LIMITS = {"GREFFIER_RATE_LIMIT_SCALE": "100000"}


async def sign_up(http: httpx.AsyncClient, address: str) -> bool:
    """One person's sign-up by one browser; whether the server said that it is complete."""
    fields = {"email_address": address, "password": "correct horse battery", "strategy": "email_code"}
    try:
        created = (await http.post("/v1/client/sign_ups", data=fields)).raise_for_status()
        path = f"/v1/client/sign_ups/{created.json()['response']['id']}/attempt_verification"
        code = {"strategy": "email_code", "code": "424242"}
        done = (await http.post(path, data=code)).raise_for_status()
    except httpx.TransportError:
        return False
    return done.json()["response"]["status"] == "complete"


async def sign_up_until_killed(url: str, kill: asyncio.Event) -> list[str]:
    """All at once; the addresses of those that were acknowledged."""
    connections = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=200))
    acknowledged: list[str] = []

    async def one(number: int) -> None:
        address = f"person{number}+clerk_test@example.com"
        http = httpx.AsyncClient(base_url=url, transport=connections, timeout=None)
        if await sign_up(http, address):
            acknowledged.append(address)
            if len(acknowledged) >= ENOUGH:
                kill.set()

    await asyncio.gather(*(one(number) for number in range(SIGN_UPS)))
    await connections.aclose()
    return acknowledged


def interrupted_sign_ups(data: Path) -> list[str]:
    """Start a server, sign people up, kill it in the middle; who was told that they are signed up."""
    command = [*GREFFIER, "dev", "--json", "--port", "0", "--data", str(data)]
    with running_process(command, environ=NO_LIMITS) as process:
        assert process.stdout
        url = json.loads(process.stdout.readline())["frontend_api_url"]

        async def run() -> list[str]:
            kill = asyncio.Event()
            people = asyncio.create_task(sign_up_until_killed(url, kill))
            await kill.wait()
            process.kill()
            return await people

        return asyncio.run(run())


HALF_WRITTEN = {
    "users without an address": "SELECT count(*) FROM users WHERE id NOT IN "
    "(SELECT user_id FROM identifications WHERE is_primary AND claimed)",
    "users without a session": "SELECT count(*) FROM users WHERE id NOT IN (SELECT user_id FROM sessions)",
    "sessions without a user": "SELECT count(*) FROM sessions WHERE user_id NOT IN (SELECT id FROM users)",
    "complete sign-ups without their user": "SELECT count(*) FROM sign_ups WHERE status = 'complete' "
    "AND (created_user_id IS NULL OR created_user_id NOT IN (SELECT id FROM users))",
    "users whose sign-up is not complete": "SELECT count(*) FROM users WHERE id NOT IN "
    "(SELECT created_user_id FROM sign_ups WHERE status = 'complete')",
}


def test_killed_in_the_middle_of_a_thousand_sign_ups_it_keeps_every_one_it_acknowledged(
    tmp_path: Path,
) -> None:
    acknowledged = interrupted_sign_ups(tmp_path)
    assert ENOUGH <= len(acknowledged) < SIGN_UPS

    with greffier_dev(tmp_path) as restarted, restarted.backend() as backend:
        users = [
            user
            for offset in range(0, SIGN_UPS, 500)
            for user in backend.get("/v1/users", params={"limit": 500, "offset": offset}).json()
        ]
    with closing(sqlite3.connect(tmp_path / "greffier.db")) as file:
        broken = {name: file.execute(sql).fetchone()[0] for name, sql in HALF_WRITTEN.items()}
        consistent = file.execute("PRAGMA integrity_check").fetchone()[0]

    assert set(acknowledged) <= {user["email_addresses"][0]["email_address"] for user in users}
    assert broken == dict.fromkeys(HALF_WRITTEN, 0)
    assert consistent == "ok"
