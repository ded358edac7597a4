"""Session tokens with too long a lifetime: refused, or accepted with a warning where an app allows them."""

import logging
from functools import lru_cache

#: A session token that lives longer is refused, in seconds.
MAX_LIFETIME_SECONDS = 300.0

_log = logging.getLogger("greffier.sdk.tokens.lifetimes")


@lru_cache(maxsize=16)  # once in a process
def warn_of_long_lifetime(max_lifetime: float | None) -> None:
    """Warn of the risk of accepting tokens with so long a lifetime in seconds (None: any); silent up to
    300."""
    if max_lifetime is not None and max_lifetime <= MAX_LIFETIME_SECONDS:
        return
    accepted = "of any lifetime" if max_lifetime is None else f"that live up to {max_lifetime:.0f} s"
    _log.warning(
        "Session tokens %s are accepted (max_lifetime): one that cross-site scripting (XSS) steals works"
        " long after its session is revoked. %.0f s are the most that is advisable.",
        accepted,
        MAX_LIFETIME_SECONDS,
    )
