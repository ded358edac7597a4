"""Retention of this room's rows."""

from __future__ import annotations

from greffier.server.jobs.retention_rules import DAY, RetentionRule
from greffier.server.users.passkeys.tables import passkeys

RETENTION_RULES = (
    # Its challenge is over after minutes.
    RetentionRule(passkeys.c.created_at, keep=DAY, only=passkeys.c.credential_id.is_(None)),
)
