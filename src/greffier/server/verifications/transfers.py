"""Transfers of verifications without an account from a sign-in to a sign-up of the same client, once."""

from __future__ import annotations

import msgspec

from greffier.server import errors
from greffier.server.store.ids import new_id
from greffier.server.verifications.identifiers import Identifier
from greffier.server.verifications.queries import (
    DELETE_TRANSFERS,
    INSERT_TRANSFER,
    LOCK,
    TRANSFER_OF_CLIENT,
    UPDATE,
)
from greffier.server.verifications.tables import TransferRow, VerificationRow
from greffier.server.web.context import Context

TRANSFER_LIFETIME = 10 * 60 * 1000
"""Milliseconds between the verification and the sign-up."""


async def offer_transfer(
    ctx: Context, client_id: str, verification: VerificationRow, identifier: Identifier
) -> VerificationRow:
    """Offer the verification to a sign-up: it replaces what this client could have transferred before."""
    await delete_transfers(ctx, client_id)
    row = TransferRow(
        id=new_id("trf", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        client_id=client_id,
        verification_id=verification.id,
        kind=identifier.kind,
        value=identifier.value,
        expire_at=ctx.now + TRANSFER_LIFETIME,
        created_at=ctx.now,
    )
    await ctx.db.insert(INSERT_TRANSFER, row)
    return await _save(ctx, verification, "transferable")


async def delete_transfers(ctx: Context, client_id: str) -> int:
    """Delete the client's transfers; returns their number."""
    return await ctx.db.execute(DELETE_TRANSFERS, instance_id=ctx.instance.id, client_id=client_id)


async def take_transfer(ctx: Context) -> tuple[TransferRow, VerificationRow]:
    """The identifier that this client has verified, and the verification, which counts for a sign-up now. Of
    parallel requests one gets it.

    Raises:
        ApiError: 400 when there is none, it was taken already, or it is too old.
    """
    if ctx.client is None:
        raise errors.nothing_to_transfer()
    row = await ctx.db.one(
        TRANSFER_OF_CLIENT, instance_id=ctx.instance.id, client_id=ctx.client.id, now=ctx.now
    )
    if row is None or not await delete_transfers(ctx, ctx.client.id):
        raise errors.nothing_to_transfer()
    verification = await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=row.verification_id)
    if verification is None or verification.status != "transferable":
        raise errors.nothing_to_transfer()
    explained = {name: value for name, value in (verification.details or {}).items() if name != "error"}
    verification = msgspec.structs.replace(verification, details=explained or None)
    return row, await _save(ctx, verification, "verified")


async def _save(ctx: Context, verification: VerificationRow, status: str) -> VerificationRow:
    changed = msgspec.structs.replace(verification, status=status, updated_at=ctx.now)
    await ctx.db.save(UPDATE, changed)
    return changed
