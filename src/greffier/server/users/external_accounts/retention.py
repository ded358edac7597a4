"""Retention of this room's rows."""

from __future__ import annotations

from greffier.server.jobs.retention_rules import DAY, RetentionRule
from greffier.server.users.external_accounts.tables import external_accounts

RETENTION_RULES = (
    # The site has ten minutes to confirm it; a day longer the profile says why it did not.
    RetentionRule(
        external_accounts.c.created_at, keep=DAY, only=external_accounts.c.provider_user_id.is_(None)
    ),
)
