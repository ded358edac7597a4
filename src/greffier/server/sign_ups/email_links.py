"""A sign-up goes on because somebody opened the link that it had sent."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.sign_ups import attempts, flow
from greffier.server.sign_ups.queries import LOCK_OF_CLIENT
from greffier.server.sign_ups.tables import SignUpRow
from greffier.server.verifications.tables import EmailLinkRow, VerificationRow
from greffier.server.web.context import Context


async def resume(ctx: Context, link: EmailLinkRow, verification: VerificationRow) -> SignUpRow:
    """The sign-up after the link was opened, in whatever browser: its session belongs to the one that asked.

    Raises:
        ApiError: the sign-up is over, or its address or its verification is another one meanwhile.
    """
    row = await ctx.db.one(
        LOCK_OF_CLIENT, instance_id=ctx.instance.id, client_id=link.client_id, id=link.owner_id
    )
    if row is None:
        raise errors.not_found("sign-up")
    locked = await attempts.lock(ctx, row)
    if locked.email_verification_id != verification.id:
        raise errors.verification_missing()
    return await flow.complete_if_possible(ctx, await attempts.save(ctx, locked))
