"""Tokens of an account at another site, as if the site had given them."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server.store.ids import new_id
from greffier.server.store.statements import insert
from greffier.server.users.external_accounts.provider_tokens.keeping import Tokens, sealed
from greffier.server.users.external_accounts.provider_tokens.tables import ProviderTokensRow, provider_tokens
from tests.support.server import TestServer


async def give_tokens(server: TestServer, account_id: str | None, **fields: Any) -> ProviderTokensRow:
    """Tokens that do not expire.

    Args:
        fields: further ones of `Tokens`, and columns of the row.
    """
    now = server.clock.now_ms()
    id = new_id("ptk", now_ms=now)
    given = {name: fields.pop(name) for name in Tokens.__struct_fields__ if name in fields}
    tokens = msgspec.structs.replace(Tokens(access_token="access"), **given)
    columns: dict[str, Any] = {
        "id": id,
        "instance_id": server.app.instances.ids()[0],
        "account_id": account_id,
        "provider": "custom_acme",
        "provider_user_id": "1234",
        "scopes": " ".join(tokens.scopes),
        "client_id": tokens.client_id,
        "expire_at": tokens.expire_at,
        "refreshing_until": None,
        "refresh_failed_at": None,
        "revoke_at": None,
        "attempts": 0,
        "created_at": now,
        "updated_at": now,
    }
    async with server.app.database.transaction() as db:
        row = ProviderTokensRow(**columns | sealed(db, id, tokens) | fields)
        await db.insert(insert(provider_tokens), row)
    return row
