"""The demand of a recent factor before a sensitive operation (ASVS 7.5.1)."""

from __future__ import annotations

from greffier.server import errors
from greffier.server.sign_ins.factors import has_second_factor
from greffier.server.sign_ins.reverification.flow import first_factors
from greffier.server.users.lookup import find_user
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context
from greffier.server.web.ports import is_recent


async def require_reverified(ctx: Context, *, first_factor_given: bool) -> None:
    """The strongest factor that the user has must have been verified in the last ten minutes. A user with no
    factor that could be verified again is let through: there is none to ask for, and they could change
    nothing any more.

    Args:
        first_factor_given: the operation verifies a first factor itself, which counts as verified now.

    Raises:
        ApiError: 401 without a session; 403 `session_reverification_required`, or when an impersonator asks,
            who has none of the user's factors.
    """
    if not ctx.instance.settings.attack_protection.reverification:
        return
    caller = await ctx.require_session()
    if caller.impersonated:
        raise errors.not_for_impersonators()
    if is_recent(caller.second_factor_at, ctx.now):
        return
    user = await find_user(ctx, caller.user_id)
    if user is None:
        raise errors.signed_out()
    if await has_second_factor(ctx, user):
        raise errors.reverification_required()
    if first_factor_given or is_recent(caller.first_factor_at, ctx.now):
        return
    if await _can_verify_again(ctx, user):
        raise errors.reverification_required()


async def _can_verify_again(ctx: Context, user: UserRow) -> bool:
    """A compromised password verifies nothing."""
    compromised = user.password_compromised_at is not None
    offered = await first_factors(ctx, user)
    return any(one.strategy != "password" or not compromised for one in offered)
