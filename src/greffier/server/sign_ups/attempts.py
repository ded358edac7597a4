"""The attempt itself: begun, found, written back, abandoned."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.sign_ups.queries import ABANDON, CURRENT, GET_OF_CLIENT, INSERT, LOCK_OF_CLIENT, UPDATE
from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.store.ids import new_id
from greffier.server.web.context import Context

ABANDONED_AFTER = 24 * 3600 * 1000
"""Milliseconds that an attempt may take."""


async def begin(ctx: Context, client_id: str) -> SignUpRow:
    """A new attempt; the client's former one is abandoned."""
    await abandon_sign_ups(ctx, client_id)
    fields: dict[str, Any] = dict.fromkeys(SignUpRow.__struct_fields__)
    fields |= {
        "id": new_id("sua", now_ms=ctx.now),
        "instance_id": ctx.instance.id,
        "client_id": client_id,
        "status": "missing_requirements",
        "identifications": {},
        "unsafe_metadata": {},
        "abandon_at": ctx.now + ABANDONED_AFTER,
        "created_at": ctx.now,
        "updated_at": ctx.now,
    }
    row = SignUpRow(**fields)
    await ctx.db.insert(INSERT, row)
    return row


async def get(ctx: Context, sign_up_id: str) -> SignUpRow:
    """One of this client's attempts.

    Raises:
        ApiError: 401 without a client, 404 when the attempt is not this client's.
    """
    if ctx.client is None:
        raise errors.signed_out()
    row = await ctx.db.one(GET_OF_CLIENT, instance_id=ctx.instance.id, client_id=ctx.client.id, id=sign_up_id)
    if row is None:
        raise errors.not_found("sign-up")
    return row


async def lock(ctx: Context, row: SignUpRow) -> SignUpRow:
    """The attempt as it is now, held until the request ends.

    Raises:
        ApiError: 400 when it is complete or abandoned.
    """
    locked = await ctx.db.one(LOCK_OF_CLIENT, instance_id=ctx.instance.id, client_id=row.client_id, id=row.id)
    if locked is None:
        raise errors.not_found("sign-up")
    if status_of(locked, ctx.now) != "missing_requirements":
        raise errors.sign_up_is_over()
    return locked


async def save(ctx: Context, row: SignUpRow, **changes: Any) -> SignUpRow:
    changed = msgspec.structs.replace(row, updated_at=ctx.now, **changes)
    await ctx.db.save(UPDATE, changed)
    return changed


async def current_sign_up(ctx: Context, client_id: str) -> SignUpRow | None:
    """The attempt that the client is in the middle of."""
    return await ctx.db.one(CURRENT, instance_id=ctx.instance.id, client_id=client_id, now=ctx.now)


async def abandon_sign_ups(ctx: Context, client_id: str) -> None:
    await ctx.db.execute(ABANDON, instance_id=ctx.instance.id, client_id=client_id, now=ctx.now)


def status_of(row: SignUpRow, now: int) -> str:
    if row.status == "missing_requirements" and row.abandon_at <= now:
        return "abandoned"
    return row.status
