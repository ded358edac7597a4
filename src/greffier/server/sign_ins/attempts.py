"""The attempt itself: begun, found, written back, abandoned."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.sign_ins.queries import ABANDON, CURRENT, GET_OF_CLIENT, INSERT, LOCK_OF_CLIENT, UPDATE
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.store.ids import new_id
from greffier.server.verifications.transfers import delete_transfers
from greffier.server.web.context import Context

ABANDONED_AFTER = 24 * 3600 * 1000
"""Milliseconds that an attempt may take."""


async def begin(ctx: Context, client_id: str) -> SignInRow:
    """A new attempt; the client's former one is abandoned, so that it cannot steer the browser any more."""
    await abandon_sign_ins(ctx, client_id)
    await delete_transfers(ctx, client_id)
    row = SignInRow(
        id=new_id("sia", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        client_id=client_id,
        status="needs_identifier",
        identifier=None,
        user_id=None,
        first_factor_verification_id=None,
        second_factor_verification_id=None,
        client_trust_state=None,
        created_session_id=None,
        abandon_at=ctx.now + ABANDONED_AFTER,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    await ctx.db.insert(INSERT, row)
    return row


async def get(ctx: Context, sign_in_id: str) -> SignInRow:
    """One of this client's attempts.

    Raises:
        ApiError: 401 without a client, 404 when the attempt is not this client's.
    """
    if ctx.client is None:
        raise errors.signed_out()
    keys = {"instance_id": ctx.instance.id, "client_id": ctx.client.id, "id": sign_in_id}
    row = await ctx.db.one(GET_OF_CLIENT, **keys)
    if row is None:
        raise errors.not_found("sign-in")
    return row


async def lock(ctx: Context, row: SignInRow) -> SignInRow:
    """The attempt as it is now, held until the request ends."""
    locked = await ctx.db.one(LOCK_OF_CLIENT, instance_id=ctx.instance.id, client_id=row.client_id, id=row.id)
    if locked is None:
        raise errors.not_found("sign-in")
    return locked


async def save(ctx: Context, row: SignInRow, **changes: Any) -> SignInRow:
    changed = msgspec.structs.replace(row, updated_at=ctx.now, **changes)
    await ctx.db.save(UPDATE, changed)
    return changed


async def current_sign_in(ctx: Context, client_id: str) -> SignInRow | None:
    """The attempt that the client is in the middle of."""
    return await ctx.db.one(CURRENT, instance_id=ctx.instance.id, client_id=client_id, now=ctx.now)


async def abandon_sign_ins(ctx: Context, client_id: str) -> None:
    await ctx.db.execute(ABANDON, instance_id=ctx.instance.id, client_id=client_id, now=ctx.now)


def status_of(row: SignInRow, now: int) -> str:
    if row.status != "complete" and row.abandon_at <= now:
        return "abandoned"
    return row.status
