"""Retention rules of this room. Verifications: `identifications/retention.py`."""

from __future__ import annotations

from greffier.server.jobs.retention_rules import DAY, RetentionRule
from greffier.server.verifications.tables import callbacks, transfers

KEEP = 30 * DAY
"""So long an old mail's link still leads back to the application, which says that it has expired."""

RETENTION_RULES = (
    RetentionRule(callbacks.c.created_at, keep=KEEP),
    RetentionRule(transfers.c.expire_at, keep=DAY),
)
