"""The signed-in user's token gates. These operations are additional: the contract has none of them."""

from __future__ import annotations

from greffier.server.token_gates.own_gates import own_gates, read_again
from greffier.server.token_gates.resources import TokenGateStatus
from greffier.server.web.context import Context
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import frontend_api


@frontend_api.get("/v1/me/token_gates")
async def list_token_gates(ctx: Context) -> list[TokenGateStatus]:
    caller = await ctx.require_session()
    return await own_gates(ctx, caller.user_id)


@frontend_api.post("/v1/me/token_gates/read", limit=per_address(5))
async def read_token_gates(ctx: Context) -> list[TokenGateStatus]:
    """Ask the chains now, for example after the user has bought a token. The next session token follows."""
    caller = await ctx.require_session()
    return await read_again(ctx, caller.user_id)
