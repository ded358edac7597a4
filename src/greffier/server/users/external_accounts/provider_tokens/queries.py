"""Every SQL statement of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.store.statements import Statement, insert, update
from greffier.server.users.external_accounts.provider_tokens.tables import ProviderTokensRow, provider_tokens
from greffier.server.users.external_accounts.tables import external_accounts

_columns = provider_tokens.c
_OF_INSTANCE = _columns.instance_id == bindparam("instance_id")
_OF_ACCOUNT = sa.and_(_columns.account_id == bindparam("account_id"), _OF_INSTANCE)

INSERT = insert(provider_tokens)
UPDATE = update(provider_tokens)
DELETE: Statement[None] = Statement(
    sa.delete(provider_tokens).where(_columns.id == bindparam("id"), _OF_INSTANCE)
)
LOCK = Statement(
    sa.select(provider_tokens).where(_columns.id == bindparam("id"), _OF_INSTANCE).with_for_update(),
    ProviderTokensRow,
    locks=True,
)
OF_ACCOUNT = Statement(sa.select(provider_tokens).where(_OF_ACCOUNT), ProviderTokensRow)
LOCK_OF_ACCOUNT = Statement(
    sa.select(provider_tokens).where(_OF_ACCOUNT).with_for_update(), ProviderTokensRow, locks=True
)

_GIVEN_UP: dict[str, Any] = {
    "account_id": sa.null(),
    "revoke_at": bindparam("now"),
    "updated_at": bindparam("now"),
}

GIVE_UP: Statement[None] = Statement(sa.update(provider_tokens).where(_OF_ACCOUNT).values(_GIVEN_UP))
GIVE_UP_OF_USER: Statement[None] = Statement(
    sa.update(provider_tokens)
    .where(
        _columns.account_id.in_(
            sa.select(external_accounts.c.id).where(
                external_accounts.c.user_id == bindparam("user_id"),
                external_accounts.c.instance_id == bindparam("instance_id"),
            )
        )
    )
    .values(_GIVEN_UP)
)
