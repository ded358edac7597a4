"""Which of this room's rows nobody needs any more. Invitations stay: they are listed."""

from __future__ import annotations

from greffier.server.admission.tables import sign_in_tokens, testing_tokens
from greffier.server.jobs.forgettable import DAY, HOUR, Forgettable

FORGETTABLE = (
    # So long whoever brings one is told that it has expired, or was used, and not that there never was one.
    Forgettable(sign_in_tokens.c.expire_at, keep=30 * DAY),
    Forgettable(testing_tokens.c.expire_at, keep=HOUR),
)
