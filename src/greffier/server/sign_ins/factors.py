"""The factors that a sign-in offers."""

from __future__ import annotations

from typing import Any

from greffier.server import errors
from greffier.server.identifications.claims import of_user
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.sign_ins.enumeration.protection import Decoy
from greffier.server.strategies import strategies, strategy_named
from greffier.server.strategies.strategy import Factor
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


async def supported_first_factors(ctx: Context, user: UserRow, identifier: str | None) -> list[Factor]:
    """Returns the first factors of this user."""
    return _first_factors(ctx, user, await _owned(ctx, user), identifier)


def first_factors_offered(ctx: Context, decoy: Decoy) -> list[Factor]:
    """Returns the first factors of a decoy."""
    owned = [decoy.identification] if decoy.identification else []
    return _first_factors(ctx, decoy.user, owned, decoy.identifier.canonical)


def _first_factors(
    ctx: Context, user: UserRow, owned: list[IdentificationRow], identifier: str | None
) -> list[Factor]:
    return [factor for one in strategies(ctx) for factor in one.factors(ctx, user, owned, identifier)]


async def second_factors(ctx: Context, user: UserRow) -> list[Factor]:
    """Returns the second factors of this user; empty without two-step verification, and without another than
    those that stand in for one."""
    owned = await _owned(ctx, user)
    offered = [(one, factor) for one in strategies(ctx) for factor in one.second_factors(ctx, user, owned)]
    return [factor for _, factor in offered] if any(not one.stands_in for one, _ in offered) else []


async def trust_factors(ctx: Context, user: UserRow) -> list[Factor]:
    """Returns the factors that this user can verify on an unknown device."""
    owned = await _owned(ctx, user)
    return [factor for one in strategies(ctx) for factor in one.trust_factors(ctx, user, owned)]


async def _owned(ctx: Context, user: UserRow) -> list[IdentificationRow]:
    return [one.row for one in await of_user(ctx, user.id)]


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
