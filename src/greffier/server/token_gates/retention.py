"""Retention of this room's rows."""

from __future__ import annotations

from greffier.server.jobs.retention_rules import DAY, RetentionRule
from greffier.server.token_gates.tables import token_balances, token_gate_checks

RETENTION_RULES = (
    # Of gates that are gone, and of users who stay away.
    RetentionRule(by=token_balances.c.read_at, keep=30 * DAY),
    RetentionRule(by=token_gate_checks.c.asked_at, keep=30 * DAY),
)
