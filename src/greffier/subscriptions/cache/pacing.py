"""Turns for reads, so that their number in any second stays below Stripe's limit."""

import threading
import time

BURST = 10
"""Reads that need not wait after a quiet time."""
MAX_WAIT_SECONDS = 15.0


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
            turn = max(self._next, now - BURST * self._apart)
            if turn - now > MAX_WAIT_SECONDS:
                return None
            self._next = turn + self._apart
        return max(0.0, turn - now)
