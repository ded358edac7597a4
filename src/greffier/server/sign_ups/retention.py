"""Which of this room's rows nobody needs any more."""

from __future__ import annotations

from greffier.server.jobs.retention_rules import DAY, RetentionRule
from greffier.server.sign_ups.tables import sign_ups

KEEP = 7 * DAY

RETENTION_RULES = (
    # With what somebody entered who did not become a user: the address, a name, the digest of a password.
    RetentionRule(sign_ups.c.abandon_at, keep=KEEP),
)
