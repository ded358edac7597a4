"""Encryption of everything in a database with the current key: after a key was given for the first time, and
after it was rotated. It works in small batches while servers run, and where it was interrupted it goes on.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.crypto.encryption import Encryption, Undecryptable, key_of
from greffier.server.instances.queries import ALL_INSTANCES
from greffier.server.instances.sealing import resealed_settings, secrets_in, unsealed
from greffier.server.instances.tables import InstanceRow, instances
from greffier.server.store.all_tables import metadata
from greffier.server.store.database import Database, Transaction
from greffier.server.store.sealing import owner_columns, owner_of, sealed_columns
from greffier.server.store.statements import Statement
from greffier.server.users.second_factors.totp.sealing import development_key

BATCH = 100
"""Secrets in one transaction."""


class Progress(NamedTuple):
    """The result of one batch.

    `lost`: those that none of the given keys decrypts, by their column.
    """

    column: str
    encrypted: int
    lost: int


class Waiting(NamedTuple):
    """Secrets that the current key has not encrypted: in clear, or with the key of this id."""

    column: str
    key_id: str | None
    secrets: int


async def reencrypt(database: Database) -> AsyncGenerator[Progress]:
    """Encrypt with the current key whatever is in clear or was encrypted with another one.

    A secret that changes meanwhile is left alone: its writer has encrypted it.
    """
    async with database.transaction() as db:
        rows = await db.all(ALL_INSTANCES)
        former = {row.id: _with_development_key(db, row) for row in rows}
    for column in sealed_columns(metadata):
        async for progress in _reencrypt_column(database, column, former):
            yield progress
    for row in rows:
        yield await _reencrypt_settings(database, row.id)


def _with_development_key(db: Transaction, row: InstanceRow) -> Encryption:
    if row.environment != "development":
        return db.encryption
    try:
        return db.encryption.with_former(development_key(row.id, unsealed(db, row).code_key))
    except Undecryptable:
        return db.encryption


async def _reencrypt_column(
    database: Database, column: sa.Column[Any], former: dict[str, Encryption]
) -> AsyncGenerator[Progress]:
    select, update = _select(column), replacing(column)
    after = ""
    while True:
        encrypted = lost = 0
        async with database.transaction() as db:
            found = await db.all(select, current=f"{db.encryption.current}.%", after=after, most=BATCH)
            for row in found:
                stored = row.pop("stored")
                owner = owner_of(column, row)
                try:
                    secret = former[row["instance_id"]].unseal(stored, bound_to=owner)
                except Undecryptable:
                    lost += 1
                    continue
                sealed = db.encryption.seal(secret, bound_to=owner)
                encrypted += await db.execute(update, id=row["id"], former=stored, sealed=sealed)
        if not found:
            return
        after = found[-1]["id"]
        yield Progress(_name(column), encrypted, lost)


async def _reencrypt_settings(database: Database, instance_id: str) -> Progress:
    async with database.transaction() as db:
        settings = await db.one(_LOCK_SETTINGS, id=instance_id)
        try:
            changed = resealed_settings(db.encryption, instance_id, settings or {})
        except Undecryptable:
            return Progress(_SETTINGS, 0, 1)
        count = sum(a != b for a, b in zip(secrets_in(settings), secrets_in(changed), strict=True))
        if count:
            await db.execute(_UPDATE_SETTINGS, instance_id=instance_id, settings=changed)
        return Progress(_SETTINGS, count, 0)


async def waiting(db: Transaction, *, all_columns: bool = True) -> list[Waiting]:
    """The secrets that `reencrypt` would change, by their column and key.

    Args:
        all_columns: read the beginning of every secret, which takes a while where there are many; otherwise
            only of those that a start needs.
    """
    found: list[Waiting] = []
    for column in sealed_columns(metadata):
        if not all_columns and column.table.name not in _AT_START:
            continue
        for beginning, count in await db.all(_count(column), current=f"{db.encryption.current}.%"):
            found.append(Waiting(_name(column), _key_id(beginning), count))
    for row in await db.all(ALL_INSTANCES):
        keys = [key_of(secret) for secret in secrets_in(row.settings)]
        for key_id in set(keys) - {db.encryption.current} if db.encryption.current else set(keys):
            found.append(Waiting(_SETTINGS, key_id, keys.count(key_id)))
    return _summed(found)


def _summed(found: list[Waiting]) -> list[Waiting]:
    sums: dict[tuple[str, str | None], int] = {}
    for one in found:
        sums[one.column, one.key_id] = sums.get((one.column, one.key_id), 0) + one.secrets
    return [Waiting(column, key_id, secrets) for (column, key_id), secrets in sums.items()]


_SETTINGS = "instances.settings"
_AT_START = ("instances", "signing_keys")
_KEY_ID_LENGTH = 16
_KEY_ID = re.compile(r"[0-9a-f]{16}")

_LOCK_SETTINGS: Statement[dict[str, Any]] = Statement(
    sa.select(instances.c.settings).where(instances.c.id == bindparam("id")).with_for_update(key_share=True),
    locks=True,
)
_UPDATE_SETTINGS: Statement[None] = Statement(
    sa.update(instances)
    .where(instances.c.id == bindparam("instance_id"))
    .values(settings=bindparam("settings", type_=instances.c.settings.type))
)


def _name(column: sa.Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"


def _instance(column: sa.Column[Any]) -> sa.ColumnElement[str]:
    return column.table.c.id if column.table is instances else column.table.c.instance_id


def _stale(column: sa.Column[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(column.is_not(None), column != "", column.not_like(bindparam("current")))


def _dictionary(names: list[str]) -> Callable[..., dict[str, str]]:
    return lambda *values: dict(zip(names, values, strict=True))


def _select(column: sa.Column[Any]) -> Statement[dict[str, str]]:
    table = column.table
    names = [name for name in owner_columns(column) if name not in ("id", "instance_id")]
    chosen = [table.c.id, _instance(column).label("of_instance"), column, *(table.c[name] for name in names)]
    return Statement(
        sa.select(*chosen)
        .where(_stale(column), table.c.id > bindparam("after"))
        .order_by(table.c.id)
        .limit(bindparam("most")),
        _dictionary(["id", "instance_id", "stored", *names]),
    )


def replacing(column: sa.Column[Any]) -> Statement[None]:
    return Statement(
        sa.update(column.table)
        .where(column.table.c.id == bindparam("id"), column == bindparam("former"))
        .values({column.name: bindparam("sealed", type_=column.type)}),
        bookkeeping=True,
    )


def _pair(beginning: str, secrets: int) -> tuple[str, int]:
    return beginning, secrets


def _count(column: sa.Column[Any]) -> Statement[tuple[str, int]]:
    beginning = sa.func.substr(column, 1, _KEY_ID_LENGTH + 1)
    chosen = sa.case((beginning.like("%."), beginning), else_="")
    return Statement(
        sa.select(chosen, sa.func.count()).where(_stale(column)).group_by(chosen),
        _pair,
    )


def _key_id(beginning: str) -> str | None:
    """Nothing that only looks like one: what is in clear must not be shown."""
    return beginning[:-1] if _KEY_ID.fullmatch(beginning[:-1]) else None
