"""Resumes a sign-up when the browser comes back verified."""

from __future__ import annotations

from greffier.server.sign_ups import attempts, flow
from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.verifications.tables import CallbackRow, VerificationRow
from greffier.server.web.context import Context


async def resume(ctx: Context, callback: CallbackRow, verification: VerificationRow) -> SignUpRow:
    """Resume the sign-up, in whatever browser: its session belongs to the one that asked.

    Raises:
        ApiError: the sign-up is over, or has something else to verify meanwhile.
    """
    locked = await attempts.lock_of_client(ctx, callback.client_id, callback.owner_id)
    return await flow.resume(ctx, locked, verification)
