"""A database with many signed-in users, written straight into its tables."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import msgspec

from greffier.server.app import development_server
from greffier.server.clients.secrets import write_client_token
from greffier.server.clients.tables import ClientRow, clients
from greffier.server.crypto.secrets import hash_secret
from greffier.server.identifications.tables import IdentificationRow, identifications
from greffier.server.sessions.tables import SessionRow, sessions
from greffier.server.users.tables import UserRow, users
from greffier.server.web.instance.instance import Instance

PASSWORD = "correct horse battery staple"
DAY = 24 * 3600 * 1000


@dataclass(frozen=True)
class SignedIn:
    """The cookie and session id with which a client asks for a token."""

    session_id: str
    cookie: str
    email_address: str


def populate(data: Path, count: int, known: int = 2000) -> list[SignedIn]:
    """Write `count` users, each with an address, a client and a session; `known` of them to ask as.

    All have the same password.
    """
    instance, digest, now = asyncio.run(_prepare(data))
    with sqlite3.connect(data / "greffier.db") as database:
        for table, row in (
            (users, UserRow),
            (identifications, IdentificationRow),
            (clients, ClientRow),
            (sessions, SessionRow),
        ):
            columns = {name: bool(table.c[name].nullable) for name in row.__struct_fields__}
            database.executemany(
                f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
                (_values(table.name, columns, instance, digest, now, n) for n in range(count)),
            )
    database.close()
    step = max(count // known, 1)
    return [
        SignedIn(f"sess_{n:027d}", write_client_token(instance, f"client_{n:027d}", _secret(n)), _email(n))
        for n in range(0, count, step)
    ][:known]


async def _prepare(data: Path) -> tuple[Instance, str, int]:
    server = development_server(data)
    await server.start()
    instance = next(iter(server.instances))
    digest = await server.services.passwords.hash(PASSWORD)
    now = server.clock.now_ms()
    await server.stop()
    return instance, digest, now


def _secret(n: int) -> str:
    return f"secret-{os.getpid()}-{n:020d}"


def _email(n: int) -> str:
    return f"user{n}+clerk_test@example.com"


def _values(
    table: str, columns: dict[str, bool], instance: Instance, digest: str, now: int, n: int
) -> list[object]:
    number = f"{n:027d}"
    common: dict[str, object] = {
        "instance_id": instance.id,
        "user_id": f"user_{number}",
        "created_at": now,
        "updated_at": now,
    }
    of_table: dict[str, dict[str, object]] = {
        "users": {
            "id": f"user_{number}",
            "first_name": f"User {n}",
            "password_digest": digest,
            "public_metadata": "{}",
            "private_metadata": "{}",
            "unsafe_metadata": "{}",
            "delete_self_enabled": 1,
            "create_organization_enabled": 1,
        },
        "identifications": {
            "id": f"idn_{number}",
            "kind": "email_address",
            "value": _email(n),
            "canonical": _email(n),
            "claimed": 1,
            "is_primary": 1,
        },
        "clients": {
            "id": f"client_{number}",
            "secret_hash": hash_secret(_secret(n)),
            "secret_since": now,
        },
        "sessions": {
            "id": f"sess_{number}",
            "client_id": f"client_{number}",
            "status": "active",
            "expire_at": now + 7 * DAY,
            "abandon_at": now + 30 * DAY,
            "last_active_at": now,
            "selected_at": now,
            "first_factor_at": now,
            "activity": msgspec.json.encode({"object": "session_activity", "id": f"sact_{number}"}).decode(),
        },
    }
    row = common | of_table[table]
    return [row.get(column, None if nullable else 0) for column, nullable in columns.items()]
