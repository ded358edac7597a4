"""Secret keys of machines: they authenticate a machine, are shown on request, and rotate with an overlap."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.crypto.secrets import hash_secret, new_secret
from greffier.server.machines.queries import (
    DELETE_KEY,
    INSERT_KEY,
    KEYS_OF_MACHINE,
    LOCK_MACHINE,
    MACHINE_OF_KEY,
    UPDATE_KEY,
)
from greffier.server.machines.tables import MachineSecretKeyRow, machine_secret_keys
from greffier.server.store.database import Transaction
from greffier.server.store.ids import new_id
from greffier.server.store.sealing import seal, unseal
from greffier.server.web.context import Context
from greffier.server.web.ports import CurrentMachine

_PREFIX = "ak_"
"""Tells both faces that the Backend API is meant."""


async def machine_of_secret_key(db: Transaction, secret_key: str, now_ms: int) -> CurrentMachine | None:
    """The machine with this key, if the key is valid now. Looked up by its digest, so that the time it takes
    reveals nothing of the key.
    """
    if not secret_key.startswith(_PREFIX):
        return None
    return await db.one(MACHINE_OF_KEY, key_hash=hash_secret(secret_key), now=now_ms)


async def add_key(ctx: Context, machine_id: str) -> str:
    """A new key of a machine."""
    secret, key_id = _PREFIX + new_secret(), new_id("mks", now_ms=ctx.now)
    row = MachineSecretKeyRow(
        id=key_id,
        instance_id=ctx.instance.id,
        machine_id=machine_id,
        key_hash=hash_secret(secret),
        secret=seal(ctx.db, machine_secret_keys.c.secret, secret, id=key_id),
        expire_at=None,
        created_at=ctx.now,
    )
    await ctx.db.insert(INSERT_KEY, row)
    return secret


async def show_key(ctx: Context, machine_id: str) -> str:
    """Raises: ApiError: 404 when the instance has no such machine."""
    for key in await _keys_of(ctx, machine_id):  # a machine always has one
        if key.secret is not None:
            return unseal(ctx.db, machine_secret_keys.c.secret, key.secret, id=key.id)
    raise errors.not_found("machine")


async def rotate_key(ctx: Context, machine_id: str, *, overlap: int) -> str:
    """A new key; those before it work for `overlap` seconds more, or less if they end sooner anyway.

    Raises:
        ApiError: 404 when the instance has no such machine.
    """
    if await ctx.db.one(LOCK_MACHINE, instance_id=ctx.instance.id, id=machine_id) is None:
        raise errors.not_found("machine")
    until = ctx.now + overlap * 1000
    for key in await _keys_of(ctx, machine_id):
        expire_at = until if key.expire_at is None else min(key.expire_at, until)
        if expire_at <= ctx.now:
            await ctx.db.execute(DELETE_KEY, instance_id=ctx.instance.id, id=key.id)
        else:
            former = msgspec.structs.replace(key, secret=None, expire_at=expire_at)
            await ctx.db.save(UPDATE_KEY, former)
    return await add_key(ctx, machine_id)


async def _keys_of(ctx: Context, machine_id: str) -> list[MachineSecretKeyRow]:
    return await ctx.db.all(KEYS_OF_MACHINE, instance_id=ctx.instance.id, machine_id=machine_id)
