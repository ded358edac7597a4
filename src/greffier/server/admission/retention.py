"""Which of this room's rows nobody needs any more. Invitations stay: they are listed."""

from __future__ import annotations

from greffier.server.admission.tables import sign_in_tokens, testing_tokens
from greffier.server.jobs.retention_rules import DAY, HOUR, RetentionRule

RETENTION_RULES = (
    # So long whoever brings one is told that it has expired, or was used, and not that there never was one.
    RetentionRule(sign_in_tokens.c.expire_at, keep=30 * DAY),
    RetentionRule(testing_tokens.c.expire_at, keep=HOUR),
)
