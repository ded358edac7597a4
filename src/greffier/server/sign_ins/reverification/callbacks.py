"""Resumes a reverification when the browser comes back verified."""

from __future__ import annotations

from greffier.server.sessions.lifecycle import lock_session_of_client
from greffier.server.sign_ins.reverification.flow import resume_factor
from greffier.server.verifications.tables import CallbackRow, VerificationRow
from greffier.server.web.context import Context


async def resume(ctx: Context, callback: CallbackRow, verification: VerificationRow) -> None:
    """Resume the reverification of the session, in whatever browser: it is the session's own that asked.

    Raises:
        ApiError: 401 when the session is over; 400 when another factor was prepared or begun meanwhile.
    """
    session = await lock_session_of_client(ctx, callback.client_id, callback.owner_id)
    await resume_factor(ctx, session, verification)
