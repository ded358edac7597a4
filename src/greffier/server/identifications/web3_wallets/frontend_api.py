"""A user's own wallets, as browsers see them."""

from __future__ import annotations

from greffier.server.identifications import own
from greffier.server.identifications.web3_wallets.ens.asking import read_names_soon
from greffier.server.identifications.web3_wallets.kind import KIND
from greffier.server.identifications.web3_wallets.requests import Web3WalletRequest
from greffier.server.identifications.web3_wallets.resources import Web3Wallet, web3_wallet_resource
from greffier.server.verifications.requests import StrategyRequest
from greffier.server.web.context import Context
from greffier.server.web.http.parameters import Parameters
from greffier.server.web.limits.rate_limits import per_address
from greffier.server.web.operations.declaration import REVERIFIED, frontend_api
from greffier.server.web.operations.deleted import DeletedObject


@frontend_api.get("/v1/me/web3_wallets", no_envelope=True)
async def get_web3_wallets(ctx: Context) -> list[Web3Wallet]:
    return [web3_wallet_resource(one, now=ctx.now) for one in await own.list_own(ctx, KIND)]


@frontend_api.post("/v1/me/web3_wallets", reverification=REVERIFIED)
async def post_web3_wallets(ctx: Context, params: Web3WalletRequest) -> Web3Wallet:
    return web3_wallet_resource(await own.add_own(ctx, KIND, params.web3_wallet), now=ctx.now)


@frontend_api.get("/v1/me/web3_wallets/{web3_wallet_id}")
async def read_web3_wallet(ctx: Context, web3_wallet_id: str) -> Web3Wallet:
    return web3_wallet_resource(await own.get_own(ctx, KIND, web3_wallet_id), now=ctx.now)


@frontend_api.delete("/v1/me/web3_wallets/{web3_wallet_id}", reverification=REVERIFIED)
async def delete_web3_wallet(ctx: Context, web3_wallet_id: str) -> DeletedObject:
    await own.delete_own(ctx, KIND, web3_wallet_id)
    return DeletedObject(id=web3_wallet_id, object=KIND.name)


@frontend_api.post("/v1/me/web3_wallets/{web3_wallet_id}/prepare_verification", limit=per_address(5))
async def prepare_web3_wallet_verification(
    ctx: Context, web3_wallet_id: str, params: StrategyRequest, rest: Parameters
) -> Web3Wallet:
    prepared = await own.prepare_own(ctx, KIND, web3_wallet_id, params.strategy, rest)
    return web3_wallet_resource(prepared, now=ctx.now)


@frontend_api.post("/v1/me/web3_wallets/{web3_wallet_id}/attempt_verification", limit=per_address(3))
async def attempt_web3_wallet_verification(ctx: Context, web3_wallet_id: str, rest: Parameters) -> Web3Wallet:
    verified = await own.attempt_own(ctx, KIND, web3_wallet_id, rest)
    read_names_soon(ctx, verified.row.user_id)
    return web3_wallet_resource(verified, now=ctx.now)
