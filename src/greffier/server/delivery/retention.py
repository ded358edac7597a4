"""Which of this room's rows nobody needs any more."""

from __future__ import annotations

from greffier.server.delivery.tables import messages
from greffier.server.jobs.retention_rules import DAY, RetentionRule

RETENTION_RULES = (
    # What still waits is not given up because nobody could send it for a month; the sender decides that.
    RetentionRule(messages.c.created_at, keep=30 * DAY, only=messages.c.status != "queued"),
)
