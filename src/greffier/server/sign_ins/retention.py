"""Retention rules of this room."""

from __future__ import annotations

from greffier.server.jobs.retention_rules import DAY, RetentionRule
from greffier.server.sign_ins.tables import reverifications, sign_ins

KEEP = 7 * DAY

RETENTION_RULES = (
    # Nothing can be done with an attempt by then; a browser that was left open may still ask how it ended.
    RetentionRule(sign_ins.c.abandon_at, keep=KEEP),
    RetentionRule(reverifications.c.updated_at, keep=KEEP),
)
