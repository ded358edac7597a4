"""Log lines that every request could cause: one a minute for each cause."""

import logging
import time

SECONDS = 60.0
#: Causes that are remembered; they come from code, but messages of servers may be among them.
_MAX_TEXTS = 64

_log = logging.getLogger("greffier.sdk")
_last: dict[str, float] = {}


def log_rarely(text: str, *arguments: object) -> None:
    """Log an error, unless the same one was logged within the last minute."""
    line, now = text % arguments, time.monotonic()
    if now - _last.get(line, float("-inf")) < SECONDS:
        return
    if len(_last) >= _MAX_TEXTS:
        _last.clear()
    _last[line] = now
    _log.error("%s", line)
