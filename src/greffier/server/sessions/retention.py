"""Which of this room's rows nobody needs any more. Refresh tokens go with their session."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.jobs.retention_rules import DAY, RetentionRule
from greffier.server.sessions.tables import sessions

KEEP = 90 * DAY
"""After the end: profiles and the Backend API list them, and by them a sign-in knows a device again."""

_ENDED = sa.or_(
    sessions.c.expire_at < bindparam("before"),
    sessions.c.abandon_at < bindparam("before"),
    sa.and_(
        sessions.c.status != "active",
        sessions.c.status != "pending",
        sessions.c.updated_at < bindparam("before"),
    ),
)

RETENTION_RULES = (RetentionRule(sessions.c.created_at, keep=KEEP, only=_ENDED),)
