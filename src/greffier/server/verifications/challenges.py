"""Challenges that an answer uses up, right or wrong."""

from __future__ import annotations

import msgspec

from greffier.server.verifications.queries import UPDATE, UPDATE_UNSHOWN
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context


async def conclude_challenge(
    ctx: Context, row: VerificationRow, status: str, *, shown: bool = True, **details: str
) -> VerificationRow:
    """It is over. `row` must be locked.

    Args:
        shown: clients show it, so that they change with it.
        details: kept beside those that it has.
    """
    client_id = ctx.client.id if ctx.client and status == "verified" else None
    changed = msgspec.structs.replace(
        row,
        status=status,
        verified_at_client=client_id,
        updated_at=ctx.now,
        details=(row.details or {}) | details,
    )
    await ctx.db.save(UPDATE if shown else UPDATE_UNSHOWN, changed)
    return changed
