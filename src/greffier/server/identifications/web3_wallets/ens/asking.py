"""Asks for the names of a user's wallets, once the request's changes are durable."""

from __future__ import annotations

from functools import partial

from greffier.server.web.context import Context


def read_names_soon(ctx: Context, user_id: str) -> None:
    """Costs nothing where names are off."""
    if ctx.instance.settings.web3.ens.enabled:
        want = ctx.services.ports.wallet_names.want
        ctx.db.after_commit(partial(want, ctx.instance.id, user_id))
