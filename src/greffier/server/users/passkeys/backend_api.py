"""A user's passkeys as an application's backend sees them."""

from __future__ import annotations

from greffier.server.users.passkeys.own_passkeys import delete_passkey
from greffier.server.web.context import Context
from greffier.server.web.operations.declaration import backend_api
from greffier.server.web.operations.deleted import DeletedObject


@backend_api.delete("/v1/users/{user_id}/passkeys/{passkey_identification_id}")
async def user_passkey_delete(ctx: Context, user_id: str, passkey_identification_id: str) -> DeletedObject:
    await delete_passkey(ctx, user_id, passkey_identification_id)
    return DeletedObject(id=passkey_identification_id, object="passkey")
