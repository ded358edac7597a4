"""A token that lives long is allowed, and named for what it is (requirement S4.2)."""

from __future__ import annotations

import logging

from greffier.server.instances.document import LONGEST_QUIET_TOKEN
from greffier.server.web.context import Context

log = logging.getLogger("greffier.signing")


def lifetime_warning(what: str, lifetime: int) -> str | None:
    """What to say of a token that lives so long, if anything.

    Args:
        what: begins the sentence, for example `A session token`.
        lifetime: seconds.
    """
    if lifetime <= LONGEST_QUIET_TOKEN:
        return None
    return (
        f"{what} that lives {lifetime} s can be used that long after a theft (XSS), "
        f"whatever becomes of the session; tokens should live {LONGEST_QUIET_TOKEN} s at most."
    )


def warn_of_long_lifetime(ctx: Context, what: str, lifetime: int) -> None:
    """In the log and in a header of the answer, if there is anything to say."""
    if warning := lifetime_warning(what, lifetime):
        log.warning("%s", warning)
        ctx.response_headers["greffier-warning"] = warning
