"""The time of day, so that tests can move it."""

from __future__ import annotations

import time


class Clock:
    """Wall-clock time in milliseconds since the epoch, as on the wire."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class ManualClock(Clock):
    """A clock that runs on from the wall clock, moved forward by hand."""

    def __init__(self) -> None:
        self._ahead_ms = 0

    def now_ms(self) -> int:
        return super().now_ms() + self._ahead_ms

    def advance(self, *, seconds: float) -> None:
        self._ahead_ms += int(seconds * 1000)
