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

BEGIN_REFRESHING: Statement[None] = Statement(
    sa.update(provider_tokens)
    .where(
        _columns.id == bindparam("key"),
        _OF_INSTANCE,
        _columns.account_id.is_not(None),
        _columns.expire_at == bindparam("expired_at"),
        sa.or_(_columns.refreshing_until.is_(None), _columns.refreshing_until <= bindparam("now")),
    )
    .values(refreshing_until=bindparam("until"))
)
"""Of all requests in all processes one may refresh, unless another one has done it."""

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

_IS_DUE = sa.and_(
    _columns.revoke_at <= bindparam("now"),
    # What is just being refreshed is revoked with the new tokens.
    sa.or_(_columns.refreshing_until.is_(None), _columns.refreshing_until <= bindparam("now")),
)

ANY_DUE: Statement[str] = Statement(sa.select(_columns.id).where(_IS_DUE).limit(1))
CLAIM_DUE = Statement(
    sa.update(provider_tokens)
    .where(
        _columns.id.in_(
            sa.select(_columns.id)
            .where(_IS_DUE)
            .order_by(_columns.revoke_at)
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True)
        )
    )
    .values(attempts=_columns.attempts + 1, revoke_at=bindparam("leased_until"), updated_at=bindparam("now"))
    .returning(*_columns),
    ProviderTokensRow,
)
POSTPONE: Statement[None] = Statement(
    sa.update(provider_tokens)
    .where(_columns.id == bindparam("key"), _columns.attempts == bindparam("attempt"))
    .values(revoke_at=bindparam("again_at"))
)
OTHERS: Statement[str] = Statement(
    sa.select(_columns.id)
    .where(
        _OF_INSTANCE,
        _columns.provider == bindparam("provider"),
        _columns.provider_user_id == bindparam("provider_user_id"),
        sa.or_(
            _columns.account_id.is_not(None),
            sa.and_(_columns.attempts == 0, _columns.revoke_at > bindparam("now")),
        ),
    )
    .limit(1)
)
"""Tokens of the same account of the provider that are in use, or will be once a sign-in is complete."""
