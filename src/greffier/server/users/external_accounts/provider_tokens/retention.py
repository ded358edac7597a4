"""Retention of this room's rows."""

from __future__ import annotations

from greffier.server.jobs.retention_rules import DAY, RetentionRule
from greffier.server.users.external_accounts.provider_tokens.tables import provider_tokens

RETENTION_RULES = (
    # Sign-ups have a day for what is missing, and sites some hours to revoke what was given up.
    RetentionRule(provider_tokens.c.updated_at, keep=2 * DAY, only=provider_tokens.c.account_id.is_(None)),
)
