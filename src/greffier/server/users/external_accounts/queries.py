"""Every SQL statement of this room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.store.statements import Statement, insert, update
from greffier.server.users.external_accounts.tables import ExternalAccountRow, external_accounts

_columns = external_accounts.c
_OF_INSTANCE = _columns.instance_id == bindparam("instance_id")
_OF_USER = sa.and_(_OF_INSTANCE, _columns.user_id == bindparam("user_id"))
_NAMED = sa.and_(
    _OF_INSTANCE,
    _columns.provider == bindparam("provider"),
    _columns.provider_user_id == bindparam("provider_user_id"),
)

FIND = Statement(sa.select(external_accounts).where(_NAMED), ExternalAccountRow)
GET_OF_USER = Statement(
    sa.select(external_accounts).where(_OF_USER, _columns.id == bindparam("id")), ExternalAccountRow
)
LOCK = Statement(
    sa.select(external_accounts).where(_OF_INSTANCE, _columns.id == bindparam("id")).with_for_update(),
    ExternalAccountRow,
    locks=True,
)
OF_USER = Statement(
    sa.select(external_accounts).where(_OF_USER).order_by(_columns.created_at, _columns.id),
    ExternalAccountRow,
)
NEWEST_OF_PROVIDER = Statement(
    sa.select(external_accounts)
    .where(_OF_INSTANCE, _columns.provider == bindparam("provider"), _columns.provider_user_id.is_not(None))
    .order_by(_columns.created_at.desc(), _columns.id.desc())
    .limit(bindparam("most")),
    ExternalAccountRow,
)
INSERT = insert(external_accounts)
UPDATE = update(external_accounts)
DELETE: Statement[None] = Statement(
    sa.delete(external_accounts).where(_OF_USER, _columns.id == bindparam("id"))
)

DELETE_OF_USER: Statement[None] = Statement(sa.delete(external_accounts).where(_OF_USER))
DELETE_UNFINISHED: Statement[None] = Statement(
    sa.delete(external_accounts).where(
        _OF_USER, _columns.provider == bindparam("provider"), _columns.provider_user_id.is_(None)
    )
)


def of_users(instance_id: str, user_ids: list[str]) -> sa.Select[Any]:
    """The external accounts of these users, oldest first."""
    return (
        sa.select(external_accounts)
        .where(_columns.instance_id == instance_id, _columns.user_id.in_(user_ids))
        .order_by(_columns.created_at, _columns.id)
    )
