"""Warnings of tokens with a long lifetime, which are allowed."""

from __future__ import annotations

import logging

from greffier.server.instances.document import UNWARNED_LIFETIME
from greffier.server.web.context import Context

log = logging.getLogger("greffier.signing")


def lifetime_warning(what: str, lifetime: int) -> str | None:
    """The warning for a token with so long a lifetime, if any.

    Args:
        what: begins the sentence, for example `A session token`.
        lifetime: seconds.
    """
    if lifetime <= UNWARNED_LIFETIME:
        return None
    return (
        f"{what} that lives {lifetime} s can be used that long after a theft (XSS), "
        f"whatever becomes of the session; tokens should live {UNWARNED_LIFETIME} s at most."
    )


def warn_of_long_lifetime(ctx: Context, what: str, lifetime: int) -> None:
    """Log the warning, and send it in a header of the answer, if there is one."""
    if warning := lifetime_warning(what, lifetime):
        log.warning("%s", warning)
        ctx.response_headers["greffier-warning"] = warning
