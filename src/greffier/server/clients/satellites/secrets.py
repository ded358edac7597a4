"""Client secrets of satellite domains: a secret of its own in its own `__client` cookie.

Were it the primary domain's secret, which rotates at every sign-in there, the satellite's copy would soon
look like a stolen one. These secrets never rotate: a sign-in ends them, and the satellite asks the primary
again.
"""

from __future__ import annotations

from greffier.server.clients.queries import (
    END_SATELLITE_SECRETS,
    END_SATELLITE_SECRETS_BEFORE,
    FIND_SATELLITE_SECRET,
    GET,
    INSERT_SATELLITE_SECRET,
)
from greffier.server.clients.secrets import read_client_token
from greffier.server.clients.tables import ClientRow, SatelliteSecretRow
from greffier.server.crypto.secrets import hash_secret, new_secret
from greffier.server.store.database import Transaction
from greffier.server.store.ids import new_id
from greffier.server.web.context import Context
from greffier.server.web.instance.instance import Satellite

REPLACED_READABLE = 30_000
"""Milliseconds that two secrets of one satellite work side by side, for tabs that synchronize at once."""


async def create_satellite_secret(ctx: Context, client_id: str, satellite: Satellite) -> str:
    """A new secret of the client for the satellite."""
    await ctx.db.execute(
        END_SATELLITE_SECRETS_BEFORE,
        instance_id=ctx.instance.id,
        client_id=client_id,
        domain=satellite.domain,
        before=ctx.now - REPLACED_READABLE,
    )
    secret = new_secret()
    await ctx.db.insert(
        INSERT_SATELLITE_SECRET,
        SatelliteSecretRow(
            id=new_id("sats", now_ms=ctx.now),
            instance_id=ctx.instance.id,
            client_id=client_id,
            domain=satellite.domain,
            secret_hash=hash_secret(secret),
            created_at=ctx.now,
        ),
    )
    return secret


async def find_by_satellite_secret(
    ctx: Context, token: str, satellite: Satellite | None = None
) -> ClientRow | None:
    """The client with this secret, on this satellite or, with `None`, on any.

    While a client waits to rotate because of a sign-in elsewhere, no satellite accepts its secret: a secret
    from before a sign-in must not be worth more after it.
    """
    claimed = read_client_token(token)
    if claimed is None:
        return None
    found = await ctx.db.one(
        FIND_SATELLITE_SECRET,
        instance_id=ctx.instance.id,
        client_id=claimed.id,
        secret_hash=hash_secret(claimed.rotating_token),
    )
    if found is None or (satellite is not None and found.domain != satellite.domain):
        return None
    row = await ctx.db.one(GET, instance_id=ctx.instance.id, id=claimed.id)
    return None if row is None or row.rotation_due else row


async def end_satellite_secrets(db: Transaction, instance_id: str, client_id: str) -> None:
    """End all satellite secrets of the client."""
    await db.execute(END_SATELLITE_SECRETS, instance_id=instance_id, client_id=client_id)
