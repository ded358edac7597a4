"""The factors that a sign-in offers."""

from __future__ import annotations

from typing import Any

from greffier.server import errors
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.sign_ins.enumeration.protection import Decoy
from greffier.server.strategies import find_strategy, owned_by, strategies, strategy_named
from greffier.server.strategies.strategy import Factor
from greffier.server.users.tables import UserRow
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


async def supported_first_factors(ctx: Context, user: UserRow, identifier: str | None) -> list[Factor]:
    """Returns the first factors of this user."""
    return _first_factors(ctx, user, await owned_by(ctx, user.id), identifier)


def first_factors_offered(ctx: Context, decoy: Decoy) -> list[Factor]:
    """Returns the first factors of a decoy."""
    owned = [decoy.identification] if decoy.identification else []
    return _first_factors(ctx, decoy.user, owned, decoy.identifier.canonical)


def _first_factors(
    ctx: Context, user: UserRow, owned: list[IdentificationRow], identifier: str | None
) -> list[Factor]:
    return [factor for one in strategies(ctx) for factor in one.factors(ctx, user, owned, identifier)]


async def second_factors(ctx: Context, user: UserRow, first: str | None) -> list[Factor]:
    """Returns the second factors of this user, in the order in which they are offered; empty without two-step
    verification, and without another than those that stand in for one.

    Args:
        first: strategy of the first factor. What it was sent to may prove nothing a second time: who reads
            the mailbox has both then.
    """
    owned = await owned_by(ctx, user.id)
    ordered = sorted(strategies(ctx), key=lambda one: one.second_factor_order)
    offered = [(one, factor) for one in ordered for factor in one.second_factors(ctx, user, owned)]
    offered = [
        (one, factor)
        for one, factor in offered
        if one.follows_its_kind or not _is_of_kind(ctx, first, one.kind)
    ]
    return [factor for _, factor in offered] if any(not one.stands_in for one, _ in offered) else []


async def has_second_factor(ctx: Context, user: UserRow) -> bool:
    """Returns whether the user has a second factor, whatever the first one is."""
    offered = [find_strategy(ctx, factor.strategy) for factor in await second_factors(ctx, user, None)]
    return any(one is not None and one.follows_its_kind and not one.stands_in for one in offered)


def _is_of_kind(ctx: Context, name: str | None, kind: str | None) -> bool:
    """Returns whether a strategy is of this kind. A ticket, say, is none."""
    strategy = find_strategy(ctx, name) if name is not None else None
    return strategy is not None and strategy.kind == kind


async def trust_factors(ctx: Context, user: UserRow) -> list[Factor]:
    """Returns the factors that this user can verify on an unknown device."""
    owned = await owned_by(ctx, user.id)
    return [factor for one in strategies(ctx) for factor in one.trust_factors(ctx, user, owned)]


def resources(factors: list[Factor]) -> list[dict[str, Any]]:
    """Those that are shown, as the wire has them."""
    return [factor.resource() for factor in factors if factor.shown]


def require_factor(factors: list[Factor], name: str) -> list[Factor]:
    """Returns the factors of this strategy, at least one.

    Raises:
        ApiError: 400 when there is none.
    """
    named = [factor for factor in factors if factor.strategy == name]
    if not named:
        raise errors.strategy_for_user_invalid()
    return named


def choose_factor(
    ctx: Context, factors: list[Factor], name: str, rest: Parameters, identification_id: str | None = None
) -> Factor:
    """The factor that a request names: by its strategy, and by an identification where it has one. Else it is
    the first one of the strategy.

    Args:
        identification_id: where it is not for the request to say.

    Raises:
        ApiError: 400 when none of this strategy is offered; 422 for an unknown strategy, or an identification
            that is not offered with it.
    """
    param, given = identification_id_in(ctx, name, rest)
    named = require_factor(factors, name)
    identification_id = identification_id or given
    if identification_id is None:
        return named[0]
    for factor in named:
        if factor.identification is not None and factor.identification.id == identification_id:
            return factor
    raise errors.invalid_params(errors.param_value_invalid(param, identification_id))


def require_proof(factors: list[Factor], verification: VerificationRow) -> None:
    """Refuses a code or a link that was sent to what is none of these factors, or no longer.

    Raises:
        ApiError: 400.
    """
    sent = verification.sent_to is not None
    if sent and not any(factor.is_proven_by(verification) for factor in factors):
        raise errors.verification_missing()


def identification_id_in(ctx: Context, name: str, rest: Parameters) -> tuple[str, str | None]:
    """The parameter for the identification that a strategy verifies, and its value: `None` when it is empty
    or absent.

    Raises:
        ApiError: 422 when the instance has no such strategy.
    """
    kind = strategy_named(ctx, name).kind
    param = f"{kind}_id"
    given = rest.text(param) if kind is not None else None
    return param, given if isinstance(given, str) else None
