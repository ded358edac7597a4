"""A sign-in goes on because somebody opened the link that it had sent."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.identifications.emails import require_proof_of
from greffier.server.sign_ins import flow
from greffier.server.sign_ins.enumeration.protection import hides_existence
from greffier.server.sign_ins.enumeration.safe_flow import resume_by_link
from greffier.server.sign_ins.queries import LOCK_OF_CLIENT
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.verifications.tables import EmailLinkRow, VerificationRow
from greffier.server.web.context import Context


async def resume(ctx: Context, link: EmailLinkRow, verification: VerificationRow) -> SignInRow:
    """The sign-in after the link was opened, in whatever browser: its session belongs to the one that asked.

    Raises:
        ApiError: the sign-in is over, went another way meanwhile, or its user may not sign in.
    """
    row = await ctx.db.one(
        LOCK_OF_CLIENT, instance_id=ctx.instance.id, client_id=link.client_id, id=link.owner_id
    )
    if row is None:
        raise errors.not_found("sign-in")
    if hides_existence(ctx, row):
        return await resume_by_link(ctx, row, verification)
    locked, user = await flow.lock_with_user(ctx, row)
    if locked.status == "needs_first_factor" and locked.first_factor_verification_id == verification.id:
        return await flow.complete(ctx, locked, verification)
    second = locked.status in ("needs_second_factor", "needs_client_trust")
    if second and locked.second_factor_verification_id == verification.id:
        await require_proof_of(ctx, user.id, verification)
        return await flow.begin_session(ctx, locked, user, verification.strategy)
    raise errors.verification_missing()
