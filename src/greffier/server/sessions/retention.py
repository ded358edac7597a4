"""Retention of this room's rows. Refresh tokens are deleted with their session."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.jobs.retention_rules import DAY, RetentionRule
from greffier.server.sessions.tables import sessions

KEEP = 90 * DAY
"""After the end: profiles and the Backend API list them, and a sign-in recognises a device by them."""

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
