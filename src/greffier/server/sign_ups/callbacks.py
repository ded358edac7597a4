"""Resumes a sign-up when the browser comes back verified."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.sign_ups import attempts, flow
from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.users.external_accounts.accounts import KIND
from greffier.server.verifications.tables import CallbackRow, VerificationRow
from greffier.server.web.context import Context


async def resume(ctx: Context, callback: CallbackRow, verification: VerificationRow) -> SignUpRow:
    """Resume the sign-up, in whatever browser: its session belongs to the one that asked.

    Raises:
        ApiError: the sign-up is over, or has something else to verify meanwhile.
    """
    locked = await attempts.lock_of_client(ctx, callback.client_id, callback.owner_id)
    if verification.id not in [locked.verification_id_of(kind) for kind in locked.identifications]:
        raise errors.verification_missing()
    if verification.kind == KIND:
        return await flow.take_external_account(ctx, locked, verification)
    return await flow.complete_if_possible(ctx, await attempts.save(ctx, locked))
