"""Every SQL statement about M2M tokens."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.machines.tables import (
    M2mTokenRow,
    m2m_tokens,
)
from greffier.server.store.statements import Statement, insert, update

_tokens = m2m_tokens.c
_ONE_TOKEN = sa.and_(_tokens.instance_id == bindparam("instance_id"), _tokens.id == bindparam("id"))
_LISTED = sa.and_(
    _tokens.instance_id == bindparam("instance_id"),
    _tokens.machine_id == bindparam("machine_id"),
    sa.or_(bindparam("revoked", type_=sa.Boolean), _tokens.revoked == sa.false()),
    sa.or_(bindparam("expired", type_=sa.Boolean), _tokens.expire_at > bindparam("now")),
)
INSERT_TOKEN = insert(m2m_tokens)
UPDATE_TOKEN = update(m2m_tokens)
LOCK_TOKEN = Statement(sa.select(m2m_tokens).where(_ONE_TOKEN).with_for_update(), M2mTokenRow, locks=True)
FIND_TOKEN = Statement(
    sa.select(m2m_tokens).where(
        _tokens.instance_id == bindparam("instance_id"), _tokens.token_hash == bindparam("token_hash")
    ),
    M2mTokenRow,
)
REUSABLE_TOKEN = Statement(
    sa.select(m2m_tokens)
    .where(
        _tokens.instance_id == bindparam("instance_id"),
        _tokens.machine_id == bindparam("machine_id"),
        _tokens.content_hash == bindparam("content_hash"),
        _tokens.expire_at >= bindparam("expire_at"),
        _tokens.revoked == sa.false(),
    )
    .order_by(_tokens.expire_at.desc())
    .limit(1),
    M2mTokenRow,
)
NOTE_USE: Statement[None] = Statement(
    sa.update(m2m_tokens).where(_ONE_TOKEN).values(last_used_at=bindparam("now"))
)
LIST_TOKENS = Statement(
    sa.select(m2m_tokens)
    .where(_LISTED)
    .order_by(_tokens.created_at.desc(), _tokens.id.desc())
    .limit(bindparam("limit", type_=sa.Integer))
    .offset(bindparam("offset", type_=sa.Integer)),
    M2mTokenRow,
)
COUNT_TOKENS: Statement[int] = Statement(sa.select(sa.func.count()).select_from(m2m_tokens).where(_LISTED))
