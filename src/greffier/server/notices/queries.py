"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.notices.tables import SessionLinkRow, session_links
from greffier.server.sessions.tables import sessions
from greffier.server.store.statements import Statement, insert

_OF_INSTANCE = session_links.c.instance_id == bindparam("instance_id")

INSERT = insert(session_links)
FIND = Statement(
    sa.select(session_links).where(
        _OF_INSTANCE,
        session_links.c.token_hash == bindparam("token_hash"),
        session_links.c.expire_at > bindparam("now"),
    ),
    SessionLinkRow,
)
DELETE: Statement[None] = Statement(
    sa.delete(session_links).where(_OF_INSTANCE, session_links.c.id == bindparam("id"))
)
OTHER_DEVICE: Statement[bool] = Statement(
    sa.select(sessions.c.client_id == bindparam("client_id"))
    .where(
        sessions.c.instance_id == bindparam("instance_id"),
        sessions.c.user_id == bindparam("user_id"),
        sessions.c.id != bindparam("id"),
        sessions.c.actor.is_(None),
    )
    .order_by((sessions.c.client_id == bindparam("client_id")).desc())
    .limit(1),
    bool,
)
"""Whether another session of the user is on this client; `None` when the user has no other session."""
