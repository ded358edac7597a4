"""Retention of this room's rows."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.clients.tables import (
    clients,
    dev_browsers,
    former_secrets,
    handshake_payloads,
    satellite_links,
)
from greffier.server.jobs.retention_rules import DAY, HOUR, RetentionRule
from greffier.server.sessions.tables import sessions

COOKIES_LIVE = 400 * DAY
"""Browsers keep no cookie longer (RFC 6265bis section 5.5)."""

_WITHOUT_SESSION = sa.and_(
    clients.c.updated_at < bindparam("before"),
    ~sa.exists(sa.literal(1)).where(
        sessions.c.instance_id == clients.c.instance_id, sessions.c.client_id == clients.c.id
    ),
)

RETENTION_RULES = (
    # Any visitor can have one made, and a browser gets another one when it asks again.
    RetentionRule(clients.c.created_at, keep=DAY, only=_WITHOUT_SESSION),
    # An hour more, because the clocks of servers differ; used or not, they are invalid by then.
    RetentionRule(handshake_payloads.c.expire_at, keep=HOUR),
    RetentionRule(satellite_links.c.expire_at, keep=HOUR),
    # Until then the reuse of a former secret is recognised, which revokes its family.
    RetentionRule(former_secrets.c.replaced_at, keep=COOKIES_LIVE),
    # The browser is handed another one when it asks with an unknown one.
    RetentionRule(dev_browsers.c.created_at, keep=7 * DAY, only=dev_browsers.c.client_id.is_(None)),
)
