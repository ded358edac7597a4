"""The secret keys of an instance: listed without themselves, rotated with an overlap."""

from __future__ import annotations

import msgspec

from greffier.server.instances.administration import save_instance
from greffier.server.instances.creation import add_secret_key, new_secret_key
from greffier.server.instances.queries import LIVE_SECRET_KEYS, UPDATE_SECRET_KEY
from greffier.server.instances.tables import InstanceRow, SecretKeyRow
from greffier.server.store.database import Transaction


async def secret_keys_of(db: Transaction, instance_id: str, now_ms: int) -> list[SecretKeyRow]:
    """The keys that work now, oldest first."""
    rows = [row for row in await db.all(LIVE_SECRET_KEYS) if row.instance_id == instance_id]
    live = [row for row in rows if row.expire_at is None or row.expire_at > now_ms]
    return sorted(live, key=lambda row: (row.created_at, row.id))


async def rotate_secret_key(db: Transaction, instance: InstanceRow, *, overlap_ms: int, now_ms: int) -> str:
    """A new key; the former ones work for `overlap_ms` more. The caller has locked the instance."""
    for row in await secret_keys_of(db, instance.id, now_ms):
        expire_at = now_ms + overlap_ms
        if row.expire_at is None or row.expire_at > expire_at:
            await db.save(UPDATE_SECRET_KEY, msgspec.structs.replace(row, expire_at=expire_at))
    key = new_secret_key(instance.environment)
    await add_secret_key(db, instance.id, key, now_ms)
    await save_instance(db, instance, now_ms)
    return key
