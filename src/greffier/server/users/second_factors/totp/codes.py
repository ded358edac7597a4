"""Codes of the authenticator app: each time step is accepted once (RFC 6238 section 5.2)."""

from __future__ import annotations

from greffier.server.crypto.time_based_codes import matching_step
from greffier.server.users.second_factors.totp.queries import TOTP_OF_USER, USE_STEP
from greffier.server.users.second_factors.totp.sealing import unseal
from greffier.server.verifications.codes import read_code
from greffier.server.web.context import Context


async def use_totp_code(ctx: Context, user_id: str, code: str) -> bool:
    """Returns whether it is a code of the user's app. It is not accepted again then.

    Raises:
        ApiError: 422 without a code.
    """
    digits = read_code(code)
    of_user = {"instance_id": ctx.instance.id, "user_id": user_id}
    row = await ctx.db.one(TOTP_OF_USER, **of_user)
    if row is None or not row.verified:
        return False
    step = matching_step(unseal(ctx, row.secret, user_id), digits, now=ctx.now, after=row.last_step)
    # Of requests that arrive together with the same code, the first one changes the row.
    return step is not None and await ctx.db.execute(USE_STEP, id=row.id, step=step, **of_user) == 1
