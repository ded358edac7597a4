"""Retention of this room's rows."""

from __future__ import annotations

from greffier.server.jobs.retention_rules import RetentionRule
from greffier.server.notices.tables import session_links

RETENTION_RULES = (RetentionRule(session_links.c.expire_at, keep=0),)
