"""The factors that a sign-in offers."""

from __future__ import annotations

from greffier.server.identifications.queries import OF_USER
from greffier.server.identifications.tables import EmailAddressRow
from greffier.server.sign_ins.enumeration.protection import Decoy
from greffier.server.strategies import strategies
from greffier.server.strategies.strategy import Factor
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context


async def supported_first_factors(ctx: Context, user: UserRow, identifier: str | None) -> list[Factor]:
    """What this user may sign in with."""
    return _first_factors(ctx, user, await _emails(ctx, user), identifier)


def first_factors_offered(ctx: Context, decoy: Decoy) -> list[Factor]:
    """What somebody may try to sign in with who may not exist."""
    emails = [decoy.email] if decoy.email else []
    return _first_factors(ctx, decoy.user, emails, decoy.email.canonical if decoy.email else None)


def _first_factors(
    ctx: Context, user: UserRow, emails: list[EmailAddressRow], identifier: str | None
) -> list[Factor]:
    """Strategies speak in alphabetical order, but a password goes first."""
    ordered = sorted(strategies().values(), key=lambda s: (s.name != "password", s.name))
    return [f for s in ordered for f in s.factors(ctx, user, emails, identifier)]


async def second_factors(ctx: Context, user: UserRow) -> list[Factor]:
    """What this user is asked for after every first factor; empty without two-step verification."""
    emails = await _emails(ctx, user)
    return [f for s in strategies().values() for f in s.second_factors(ctx, user, emails)]


async def trust_factors(ctx: Context, user: UserRow) -> list[Factor]:
    """What this user can prove on a device that they have never used."""
    emails = await _emails(ctx, user)
    return [f for s in strategies().values() for f in s.trust_factors(ctx, user, emails)]


async def _emails(ctx: Context, user: UserRow) -> list[EmailAddressRow]:
    rows = await ctx.db.all(OF_USER, instance_id=ctx.instance.id, user_id=user.id)
    return [row.email for row in rows]
