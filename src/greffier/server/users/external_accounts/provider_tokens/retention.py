"""Retention of this room's rows."""

from __future__ import annotations

from greffier.server.jobs.retention_rules import DAY, RetentionRule
from greffier.server.users.external_accounts.provider_tokens.tables import provider_tokens

RETENTION_RULES = (
    # The revoker ends them; these are what it could not, such as those of a server that has not run since.
    RetentionRule(provider_tokens.c.updated_at, keep=7 * DAY, only=provider_tokens.c.account_id.is_(None)),
)
