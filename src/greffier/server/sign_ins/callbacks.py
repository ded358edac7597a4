"""Resumes a sign-in when the browser comes back verified."""

from __future__ import annotations

from greffier.server.sign_ins import attempts
from greffier.server.sign_ins.first_factors.selection import first_factor_flow
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.verifications.tables import CallbackRow, VerificationRow
from greffier.server.web.context import Context


async def resume(ctx: Context, callback: CallbackRow, verification: VerificationRow) -> SignInRow:
    """Resume the sign-in, in whatever browser: its session belongs to the one that asked.

    Raises:
        ApiError: the sign-in is over, went another way meanwhile, or its user may not sign in.
    """
    row = await attempts.lock_of_client(ctx, callback.client_id, callback.owner_id)
    return await first_factor_flow(ctx, row).resume(ctx, row, verification)
