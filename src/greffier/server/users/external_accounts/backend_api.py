"""External accounts as an application's backend sees them."""

from __future__ import annotations

from greffier.server.users.external_accounts.own_accounts import delete_account, get_account
from greffier.server.users.lookup import lock_user
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.deleted import DeletedObject


@backend_api.delete("/v1/users/{user_id}/external_accounts/{external_account_id}")
async def delete_external_account(ctx: Context, user_id: str, external_account_id: str) -> DeletedObject:
    user = await lock_user(ctx, user_id)
    await delete_account(ctx, await get_account(ctx, user.id, external_account_id))
    return DeletedObject(id=external_account_id, object="external_account")
