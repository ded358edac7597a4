"""Which of this room's rows nobody needs any more."""

from __future__ import annotations

from greffier.server.clients.tables import dev_browsers, former_secrets, handshake_payloads, satellite_links
from greffier.server.jobs.forgettable import DAY, HOUR, Forgettable

COOKIES_LIVE = 400 * DAY
"""Browsers keep no cookie longer (RFC 6265bis section 5.5)."""

FORGETTABLE = (
    # An hour more, because the clocks of servers differ; used or not, they are good for nothing by then.
    Forgettable(handshake_payloads.c.expire_at, keep=HOUR),
    Forgettable(satellite_links.c.expire_at, keep=HOUR),
    # Until then somebody may show one, and is noticed as a thief.
    Forgettable(former_secrets.c.replaced_at, keep=COOKIES_LIVE),
    # The browser is handed another one when it asks with one that nobody knows.
    Forgettable(dev_browsers.c.created_at, keep=90 * DAY, only=dev_browsers.c.client_id.is_(None)),
)
