"""The second step of a sign-in: the user's second factor, or a verification on a device that they have never
used.
"""

from __future__ import annotations

from greffier.server import errors
from greffier.server.sign_ins import attempts, flow
from greffier.server.sign_ins.factors import (
    choose_factor,
    require_factor,
    require_proof,
)
from greffier.server.sign_ins.first_factors.selection import first_factor_flow
from greffier.server.sign_ins.second_factors.requirement import factors_of_step
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.strategies import strategy_named
from greffier.server.strategies.strategy import Factor, Subject
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


async def _offered(ctx: Context, row: SignInRow, user: UserRow) -> list[Factor]:
    """Raises: ApiError: 400 when the sign-in is over, or not at its second step."""
    flow.require_open(ctx, row)
    offered = await factors_of_step(ctx, row, user)
    if offered is None:
        raise errors.sign_in_without_first_factor()
    return offered


async def prepare_second_factor(ctx: Context, row: SignInRow, name: str, rest: Parameters) -> SignInRow:
    """Start the second step, for example send a code. Without an identification in the request, it is the
    first that is offered.

    Raises:
        ApiError: 400 before the first factor is verified, or when the strategy is not offered; 422 when it is
            unknown, or the identification is not offered with it.
    """
    first_factor_flow(ctx, row).require_second_step(ctx, row)
    user = await flow.user_of(ctx, row)
    factor = choose_factor(ctx, await _offered(ctx, row, user), name, rest)
    identifier = factor.identification.identifier if factor.identification else None
    subject = Subject(
        user=user,
        identifier=identifier,
        owner_id=row.id,
        former_id=row.second_factor_verification_id,
        rest=rest,
    )
    verification = await strategy_named(ctx, name).prepare(ctx, subject)
    locked = await attempts.lock(ctx, row)
    return await attempts.save(ctx, locked, second_factor_verification_id=verification.id)


async def attempt_second_factor(ctx: Context, row: SignInRow, name: str, evidence: Parameters) -> SignInRow:
    """Check the second step and let the session begin.

    Raises:
        ApiError: 400 before the first factor is verified; errors of the strategy.
    """
    first_factor_flow(ctx, row).require_second_step(ctx, row)
    strategy_named(ctx, name)
    user = await flow.user_of(ctx, row)
    require_factor(await _offered(ctx, row, user), name)
    subject = Subject(user=user, owner_id=row.id)
    verification = await flow.attempt(ctx, name, subject, row.second_factor_verification_id, evidence)
    locked, user = await flow.lock_with_user(ctx, row)
    # No request started over meanwhile, and no factor was taken away.
    require_proof(await _offered(ctx, locked, user), verification)
    proven = await attempts.save(ctx, locked, second_factor_verification_id=verification.id)
    return await flow.begin_session(ctx, proven, user, name)
