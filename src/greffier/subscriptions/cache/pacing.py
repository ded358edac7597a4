"""Turns for reads, so that their number in any second stays below Stripe's limit."""

import threading
import time
from collections import deque

BURST = 5
"""Reads that need not wait after a quiet time."""
MAX_WAIT_SECONDS = 20.0
PATIENCE_SECONDS = 0.25
"""The wait that is worth an answer which is only a little too old."""


class Pacer:
    """Gives turns that are equally far apart, to all threads of this process."""

    def __init__(self, per_second: float) -> None:
        self._apart = 1 / per_second
        self._next = 0.0
        self._lock = threading.Lock()

    def reserve(self) -> float | None:
        """The seconds until the turn; None, and no turn, if they are too many."""
        now = time.monotonic()
        with self._lock:
            turn = self._turn(now)
            if turn - now > MAX_WAIT_SECONDS:
                return None
            self._next = turn + self._apart
        return max(0.0, turn - now)

    def waiting(self) -> float:
        """The seconds until the next turn."""
        now = time.monotonic()
        return max(0.0, self._turn(now) - now)

    def _turn(self, now: float) -> float:
        return max(self._next, now - BURST * self._apart)


class Gate:
    """Lets so many through in any second. Turns that a busy process was late for do not all pass at once."""

    def __init__(self, per_second: float) -> None:
        self._passed: deque[float] = deque(maxlen=max(1, int(per_second)) + BURST)
        self._lock = threading.Lock()

    def wait(self) -> float:
        """0, and one is through; else the seconds until it is worth trying again."""
        with self._lock:
            now = time.monotonic()
            full = len(self._passed) == self._passed.maxlen
            if full and now - self._passed[0] < 1:
                return 1 - (now - self._passed[0])
            self._passed.append(now)
            return 0.0
