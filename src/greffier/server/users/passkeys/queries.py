"""Every SQL statement of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.store.statements import Statement, insert, update
from greffier.server.users.passkeys.tables import PasskeyRow, passkeys

_OF_INSTANCE = passkeys.c.instance_id == bindparam("instance_id")
_OF_USER = sa.and_(_OF_INSTANCE, passkeys.c.user_id == bindparam("user_id"))
_REGISTERED = passkeys.c.credential_id.is_not(None)
_IN_ORDER = (passkeys.c.created_at, passkeys.c.id)
_GET = sa.select(passkeys).where(_OF_USER, passkeys.c.id == bindparam("id"))

GET_OF_USER = Statement(_GET, PasskeyRow)
LOCK_OF_USER = Statement(_GET.with_for_update(), PasskeyRow, locks=True)
REGISTERED_OF_USER = Statement(
    sa.select(passkeys).where(_OF_USER, _REGISTERED).order_by(*_IN_ORDER), PasskeyRow
)
_BY_CREDENTIAL = sa.select(passkeys).where(
    _OF_INSTANCE, passkeys.c.credential_id == bindparam("credential_id")
)
FIND_BY_CREDENTIAL = Statement(_BY_CREDENTIAL, PasskeyRow)
LOCK_BY_CREDENTIAL = Statement(_BY_CREDENTIAL.with_for_update(), PasskeyRow, locks=True)
OWNER: Statement[str] = Statement(
    sa.select(passkeys.c.user_id).where(_OF_INSTANCE, passkeys.c.id == bindparam("id"), _REGISTERED)
)
INSERT = insert(passkeys, bookkeeping=True)
"""It counts from when it is registered."""
UPDATE = update(passkeys)
DELETE: Statement[None] = Statement(sa.delete(passkeys).where(_OF_USER, passkeys.c.id == bindparam("id")))


def registered_of_users(instance_id: str, user_ids: list[str]) -> sa.Select[Any]:
    """The registered passkeys of these users, oldest first."""
    return (
        sa.select(passkeys)
        .where(passkeys.c.instance_id == instance_id, passkeys.c.user_id.in_(user_ids), _REGISTERED)
        .order_by(*_IN_ORDER)
    )
