"""The features of a user at the moment when a token is made. The chains are never asked here."""

from __future__ import annotations

from greffier.server.token_gates.holdings import NO_FEATURES, Features, features_of
from greffier.server.token_gates.queries import BALANCES_OF_USER
from greffier.server.web.context import Context


async def granted_features(ctx: Context, user_id: str) -> Features:
    """Returns what gates give to a user by the balances that are known, and has them read again where that is
    due. Costs nothing where the instance has no gate."""
    rules = ctx.instance.settings.web3
    if not rules.gates:
        return NO_FEATURES
    balances = await ctx.db.all(BALANCES_OF_USER, instance_id=ctx.instance.id, user_id=user_id)
    ctx.services.ports.token_gates.want(ctx.instance.id, user_id)
    return features_of(rules, balances, ctx.now)
