"""Every SQL statement about API keys whose text does not depend on the request."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.machines.tables import ApiKeyRow, api_keys
from greffier.server.store.statements import Statement, insert, update
from greffier.server.users.tables import users

OF_INSTANCE = api_keys.c.instance_id == bindparam("instance_id")
_ONE = sa.and_(OF_INSTANCE, api_keys.c.id == bindparam("id"))
_OF_SUBJECT = sa.and_(OF_INSTANCE, api_keys.c.subject == bindparam("subject"))
_WORKS = sa.and_(
    api_keys.c.revoked == sa.false(),
    sa.or_(api_keys.c.expire_at.is_(None), api_keys.c.expire_at > bindparam("now")),
)
_OF_BANNED_USER = sa.exists().where(
    users.c.instance_id == api_keys.c.instance_id,
    users.c.id == api_keys.c.user_id,
    users.c.banned == sa.true(),
)

INSERT_KEY = insert(api_keys)
GET_KEY = Statement(sa.select(api_keys).where(_ONE), ApiKeyRow)
LOCK_KEY = Statement(sa.select(api_keys).where(_ONE).with_for_update(), ApiKeyRow, locks=True)
UPDATE_KEY = update(api_keys)
DELETE_KEY: Statement[None] = Statement(sa.delete(api_keys).where(_ONE))
REVOKE_KEYS_OF_USER: Statement[None] = Statement(
    sa.update(api_keys)
    .where(OF_INSTANCE, api_keys.c.user_id == bindparam("user_id"), api_keys.c.revoked == sa.false())
    .values(
        revoked=True,
        revocation_reason=bindparam("reason"),
        secret=sa.null(),
        updated_at=bindparam("now", type_=sa.BigInteger),
    )
)
FIND_WORKING_KEY = Statement(
    sa.select(api_keys).where(
        OF_INSTANCE, api_keys.c.secret_hash == bindparam("secret_hash"), _WORKS, ~_OF_BANNED_USER
    ),
    ApiKeyRow,
)
"""By the digest of a presented secret: it has 256 random bits, so that the time of the look-up reveals
nothing about another one.
"""
NOTE_USE: Statement[None] = Statement(
    sa.update(api_keys)
    .where(_ONE, api_keys.c.revoked == sa.false())
    .values(last_used_at=bindparam("now", type_=sa.BigInteger))
)
WORKING_WITH_NAME = Statement(
    sa.select(api_keys.c.id).where(
        _OF_SUBJECT, api_keys.c.type == bindparam("type"), api_keys.c.name == bindparam("name"), _WORKS
    ),
    str,
)
COUNT_WORKING = Statement(sa.select(sa.func.count()).select_from(api_keys).where(_OF_SUBJECT, _WORKS), int)
