"""Retention of this room's rows."""

from __future__ import annotations

from greffier.server.delivery.tables import messages
from greffier.server.jobs.retention_rules import DAY, RetentionRule

RETENTION_RULES = (
    # A queued message is not purged, even if it could not be sent for a month; the sender decides that.
    RetentionRule(messages.c.created_at, keep=30 * DAY, only=messages.c.status != "queued"),
)
