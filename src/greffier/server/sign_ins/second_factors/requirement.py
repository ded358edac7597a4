"""Between a first factor and a session: the user's second factor, or a verification on an unknown device."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffier.server.sessions.lifecycle import has_signed_in
from greffier.server.sign_ins.factors import second_factors, trust_factors
from greffier.server.sign_ins.tables import SignInRow
from greffier.server.strategies import find_strategy
from greffier.server.strategies.strategy import Factor
from greffier.server.users.tables import UserRow
from greffier.server.verifications.records import find_verification
from greffier.server.web.context import Context


class SecondStep(msgspec.Struct, frozen=True):
    """`status` is `None` when the session may begin."""

    status: Literal["needs_second_factor", "needs_client_trust"] | None = None
    client_trust_state: Literal["new", "known"] | None = None
    satisfied: bool = False
    """The first factor was the second one too."""


async def factors_of_step(ctx: Context, row: SignInRow, user: UserRow) -> list[Factor] | None:
    """Returns the factors that a sign-in asks for as its second step; `None` when it is not there."""
    match row.status:
        case "needs_second_factor":
            first = await find_verification(ctx, row.first_factor_verification_id)
            return await second_factors(ctx, user, first.strategy if first else None)
        case "needs_client_trust":
            return await trust_factors(ctx, user)
        case _:
            return None


async def second_step(ctx: Context, user: UserRow, client_id: str, strategy: str) -> SecondStep:
    """The second step. A second factor that the user has set up is always required. Without one, a password
    alone does not sign in on a device that the user has never used, if the instance says so.

    Args:
        strategy: of the first factor.
    """
    if await second_factors(ctx, user, strategy):
        satisfied = satisfies_second_factor(ctx, strategy)
        return SecondStep(satisfied=True) if satisfied else SecondStep("needs_second_factor")
    if not ctx.instance.settings.attack_protection.client_trust or strategy != "password":
        return SecondStep()
    if await has_signed_in(ctx, client_id, user.id):
        return SecondStep(client_trust_state="known")
    if user.bypass_client_trust or not await trust_factors(ctx, user):
        return SecondStep()
    return SecondStep("needs_client_trust", "new")


def satisfies_second_factor(ctx: Context, name: str) -> bool:
    """Returns whether a strategy verifies two factors at once. A ticket, say, is none."""
    strategy = find_strategy(ctx, name)
    return strategy is not None and strategy.satisfies_second_factor(ctx)
