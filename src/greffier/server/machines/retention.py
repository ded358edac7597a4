"""Retention of this room's rows. API keys stay: they are listed."""

from __future__ import annotations

from greffier.server.jobs.retention_rules import DAY, RetentionRule
from greffier.server.machines.tables import m2m_tokens

KEPT_AFTER_EXPIRY = 30 * DAY
"""So long expired tokens are listed."""

RETENTION_RULES = (RetentionRule(m2m_tokens.c.expire_at, keep=KEPT_AFTER_EXPIRY),)
