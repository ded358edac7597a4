"""Retention of this room's rows. Consents stay until they are withdrawn."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server.jobs.retention_rules import DAY, RetentionRule
from greffier.server.oauth_provider.tables import oauth_grants, oauth_tokens

KEEP = 2 * DAY
"""Longer than an access token lives: a used refresh token that is shown ends the last one that came of it."""

_IS_REVOKED_OR_EMPTY = sa.or_(
    oauth_grants.c.revoked == sa.true(),
    sa.not_(
        sa.exists().where(
            oauth_tokens.c.grant_id == oauth_grants.c.id,
            oauth_tokens.c.instance_id == oauth_grants.c.instance_id,
        )
    ),
)

RETENTION_RULES = (
    RetentionRule(oauth_tokens.c.expire_at, keep=KEEP),
    # Secrets of such a grant are refused like unknown ones.
    RetentionRule(oauth_grants.c.code_expire_at, keep=KEEP, only=_IS_REVOKED_OR_EMPTY),
)
