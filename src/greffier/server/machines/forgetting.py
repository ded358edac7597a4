"""Which of this room's rows nobody needs any more. API keys stay: they are listed."""

from __future__ import annotations

from greffier.server.jobs.forgettable import DAY, Forgettable
from greffier.server.machines.tables import m2m_tokens

KEPT_AFTER_EXPIRY = 30 * DAY
"""So long expired tokens are listed."""

FORGETTABLE = (Forgettable(m2m_tokens.c.expire_at, keep=KEPT_AFTER_EXPIRY),)
