"""The gates of the signed-in user: what each asks for, and why it is shut."""

from __future__ import annotations

from greffier.server.identifications.web3_wallets.chains import chain_of
from greffier.server.token_gates.holdings import Reason, amount_of, is_open, key_of, oldest_usable
from greffier.server.token_gates.queries import BALANCES_OF_USER, WALLETS_OF_USER
from greffier.server.token_gates.resources import TokenGateStatus
from greffier.server.token_gates.tables import TokenBalanceRow
from greffier.server.web.context import Context
from greffier.server.web.instance.web3_settings import TokenGate


async def own_gates(ctx: Context, user_id: str) -> list[TokenGateStatus]:
    """Returns every gate of the instance, in the order of the settings."""
    rules = ctx.instance.settings.web3
    if not rules.gates:
        return []
    keys = {"instance_id": ctx.instance.id, "user_id": user_id}
    balances = await ctx.db.all(BALANCES_OF_USER, **keys)
    wallets = await ctx.db.all(WALLETS_OF_USER, **keys)
    families = {chain.name for wallet in wallets if (chain := chain_of(wallet.value)) is not None}
    since = oldest_usable(rules, ctx.now)
    return [_status(gate, balances, since, has_wallet=gate.chain in families) for gate in rules.gates]


async def read_again(ctx: Context, user_id: str) -> list[TokenGateStatus]:
    """As `own_gates`, after asking the chains, unless that was done in the last ten seconds."""
    if ctx.instance.settings.web3.gates:
        await ctx.db.commit()  # nothing is held open while the chains answer
        await ctx.services.ports.token_gates.read_now(ctx.instance, user_id)
    return await own_gates(ctx, user_id)


def _status(
    gate: TokenGate, balances: list[TokenBalanceRow], since: int, *, has_wallet: bool
) -> TokenGateStatus:
    amount = amount_of(gate, balances, since=since)
    reason: Reason | None = None
    if not has_wallet:
        reason = "no_wallet"
    elif amount is None:
        reason = "not_read"
    elif not is_open(gate, amount):
        reason = "insufficient_balance"
    key = key_of(gate)
    return TokenGateStatus(
        feature=gate.feature,
        scope=gate.scope,
        chain=gate.chain,
        network=gate.network,
        standard=gate.standard,
        contract=gate.contract,
        token_id=gate.token_id,
        minimum=gate.minimum,
        balance=None if amount is None else str(amount),
        open=reason is None,
        reason=reason,
        read_at=max((one.read_at for one in balances if one.holding == key), default=None),
    )
