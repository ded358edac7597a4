"""Retention rules of this room."""

from __future__ import annotations

from greffier.server.jobs.retention_rules import DAY, RetentionRule
from greffier.server.sign_ups.tables import sign_ups

KEEP = 7 * DAY

RETENTION_RULES = (
    # They hold personal data of people who did not become users: an address, a name, a password digest.
    RetentionRule(sign_ups.c.abandon_at, keep=KEEP),
)
