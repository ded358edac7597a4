"""Making sure that the instance which an operator or a developer names exists, with a key that signs."""

from __future__ import annotations

import msgspec

from greffier.sdk.keys import decode_publishable_key
from greffier.server.crypto.secrets import hash_secret
from greffier.server.instances.creation import add_secret_key, create_instance
from greffier.server.instances.queries import FIND_BY_PUBLISHABLE_KEY, FIND_SECRET_KEY
from greffier.server.signing.keys import create_signing_key
from greffier.server.store.clock import Clock
from greffier.server.store.database import Database, UniqueViolation


class WantedInstance(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of one instance, exactly; `domain` is the application's, for cookies in production."""

    publishable_key: str
    secret_key: str
    domain: str | None = None


async def ensure_instance(database: Database, clock: Clock, wanted: WantedInstance) -> bool:
    """Create the instance unless it is there; whether it was created.

    A secret key that the instance does not know yet becomes one more of its keys.
    """
    try:
        async with database.transaction() as db:
            now = clock.now_ms()
            row = await db.one(FIND_BY_PUBLISHABLE_KEY, publishable_key=wanted.publishable_key)
            if row is not None:
                known = await db.one(
                    FIND_SECRET_KEY, instance_id=row.id, key_hash=hash_secret(wanted.secret_key)
                )
                if known is None:
                    await add_secret_key(db, row.id, wanted.secret_key, now)
                return False
            key = decode_publishable_key(wanted.publishable_key)
            instance = await create_instance(
                db,
                environment=key.instance_type.value,
                frontend_api_host=key.frontend_api,
                secret_key=wanted.secret_key,
                publishable_key=wanted.publishable_key,
                domain=wanted.domain,
                now_ms=now,
            )
            await create_signing_key(db, instance_id=instance.id, now_ms=now)
            return True
    except UniqueViolation:
        return False  # another process that starts with us was first
