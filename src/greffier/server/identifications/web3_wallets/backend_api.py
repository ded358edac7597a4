"""A user's wallets as an application's backend sees them. They are given to users at their creation."""

from __future__ import annotations

from greffier.server.identifications import changes, claims
from greffier.server.identifications.web3_wallets.kind import KIND
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.deleted import DeletedObject


@backend_api.delete("/v1/users/{user_id}/web3_wallets/{web3_wallet_identification_id}")
async def user_web3_wallet_delete(
    ctx: Context, user_id: str, web3_wallet_identification_id: str
) -> DeletedObject:
    found = await changes.lock_identification_of(ctx, user_id, KIND, web3_wallet_identification_id)
    await claims.delete(ctx, found.row)
    return DeletedObject(id=web3_wallet_identification_id, object=KIND.name)
