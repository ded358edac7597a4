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

import msgspec

from greffier.server import errors
from greffier.server.identifications.claims import of_user
from greffier.server.identifications.kinds import kinds
from greffier.server.identifications.notices import Notice
from greffier.server.identifications.tables import IdentificationRow
from greffier.server.strategies.strategy import Strategy, StrategyProvider, Subject
from greffier.server.users.external_accounts.accounts import accounts_as_identifications
from greffier.server.users.lookup import find_user
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
    """Returns the strategies of this instance by name: first those that check a secret of the user, and last
    those that connect, because browser components sort what they are shown and know no place for them."""
    own, providers = installed()
    found = [*own.values(), *(strategy for one in providers for strategy in one.strategies(ctx))]
    return sorted(found, key=lambda strategy: (not strategy.is_secret, strategy.connects, strategy.name))


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


async def owned_by(ctx: Context, user_id: str) -> list[IdentificationRow]:
    """Returns what identifies a user, of every kind; accounts at other sites are of one too."""
    owned = [one.row for one in await of_user(ctx, user_id)]
    return [*owned, *await accounts_as_identifications(ctx, user_id)]


async def can_sign_in(ctx: Context, user_id: str, **changes: Any) -> bool:
    """Returns whether a user can sign in, with these columns of theirs changed: by a factor that identifies
    them, or by another and an identifier to enter. A reset of the password counts as none: users without a
    password have nothing to reset.
    """
    user = await find_user(ctx, user_id)
    if user is None:
        return False
    user = msgspec.structs.replace(user, **changes)
    owned = await owned_by(ctx, user_id)
    offering = [
        one for one in strategies(ctx) if not one.resets_password and one.factors(ctx, user, owned, None)
    ]
    if any(one.identifies for one in offering):
        return True
    identify = ctx.instance.settings.identifiers
    named = any(kind.names(user, owned) for kind in kinds() if kind.name in identify)
    return named and bool(offering)
