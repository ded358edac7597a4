"""One file per strategy. A new file here that ends in `STRATEGY = ...` is found at start; other packages
offer one by the `greffier.strategies` entry point. An object with a method `strategies` there is no strategy
but provides those of each instance.
"""

from __future__ import annotations

import pkgutil
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from greffier.server import errors
from greffier.server.identifications.claims import of_user
from greffier.server.identifications.notices import Notice
from greffier.server.strategies.strategy import Strategy, StrategyProvider, Subject
from greffier.server.users.tables import UserRow
from greffier.server.verifications.identifiers import Identifier
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters


@lru_cache(maxsize=1)
def installed() -> tuple[dict[str, Strategy], tuple[StrategyProvider, ...]]:
    """Every strategy that all instances have, by its wire name, and the providers of more of them."""
    found: list[Any] = []
    for module in pkgutil.iter_modules(__path__):
        strategy = getattr(import_module(f"{__name__}.{module.name}"), "STRATEGY", None)
        if strategy is not None:
            found.append(strategy)
    found += [entry.load() for entry in entry_points(group="greffier.strategies")]
    own = [one for one in found if isinstance(one, Strategy)]
    providers = tuple(one for one in found if not isinstance(one, Strategy))
    return {strategy.name: strategy for strategy in own}, providers


def strategies(ctx: Context) -> list[Strategy]:
    """Returns the strategies of this instance: first those that check a secret of the user, then by name."""
    own, providers = installed()
    found = [*own.values(), *(strategy for one in providers for strategy in one.strategies(ctx))]
    return sorted(found, key=lambda strategy: (not strategy.is_secret, strategy.name))


def find_strategy(ctx: Context, name: str) -> Strategy | None:
    own, providers = installed()
    if (found := own.get(name)) is not None:
        return found
    return next((found for one in providers if (found := one.strategy_named(ctx, name))), None)


def strategy_named(ctx: Context, name: str) -> Strategy:
    """Raises: ApiError: when this instance has none of this name: 422, or the reason that is known."""
    found = find_strategy(ctx, name)
    if found is None:
        _, providers = installed()
        reasons = (one.reason_without(ctx, name) for one in providers)
        raise next(filter(None, reasons), None) or errors.strategy_invalid(name)
    return found


async def get_ready(ctx: Context, name: str) -> None:
    """Ask other servers for what `prepare` needs, before anything is written, for rooms below this one."""
    await strategy_named(ctx, name).get_ready(ctx)


async def prepare(
    ctx: Context,
    name: str,
    identifier: Identifier | None,
    *,
    rest: Parameters,
    owner_id: str | None = None,
    subject_id: str | None = None,
    former_id: str | None = None,
    notice: Notice | None = None,
) -> VerificationRow:
    """Start verifying an identifier, for rooms below this one."""
    subject = Subject(
        identifier=identifier,
        owner_id=owner_id,
        subject_id=subject_id,
        former_id=former_id,
        notice=notice,
        rest=rest,
    )
    return await strategy_named(ctx, name).prepare(ctx, subject)


async def attempt(
    ctx: Context, name: str, identifier: Identifier, verification_id: str, rest: Parameters
) -> VerificationRow:
    """Attempt the verification of an identifier, for rooms below this one."""
    subject = Subject(identifier=identifier, rest=rest)
    return await strategy_named(ctx, name).attempt(ctx, subject, verification_id, rest)


async def signs_in_without(ctx: Context, user: UserRow, name: str) -> bool:
    """Returns whether the user has a first factor of another strategy than this one. A reset of the password
    is none: users without a password have nothing to reset."""
    owned = [one.row for one in await of_user(ctx, user.id)]
    others = (one for one in strategies(ctx) if one.name != name and not one.resets_password)
    return any(one.factors(ctx, user, owned, None) for one in others)
