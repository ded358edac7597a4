"""Retention of this room's rows. Invitations stay: they are listed."""

from __future__ import annotations

from greffier.server.admission.tables import sign_in_tokens, testing_tokens
from greffier.server.jobs.retention_rules import DAY, HOUR, RetentionRule

RETENTION_RULES = (
    # For so long a ticket is answered with "expired" or "used" instead of "not found".
    RetentionRule(sign_in_tokens.c.expire_at, keep=30 * DAY),
    RetentionRule(testing_tokens.c.expire_at, keep=HOUR),
)
