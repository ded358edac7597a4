"""The clock of a test server, which an app's middleware can be given too."""

from __future__ import annotations

from collections.abc import Callable

from greffier.server.store.clock import Clock


class TestClock(Clock):
    """Runs on from the wall clock, and is moved forward by hand.

    Called, it gives seconds since the epoch: that is what the `clock` of `AuthMiddleware` wants.
    """

    __test__ = False

    def __init__(self, moved: Callable[[], None] = lambda: None) -> None:
        self._ahead_ms = 0
        self._moved = moved

    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return super().now_ms() + self._ahead_ms

    def __call__(self) -> float:
        """Seconds since the epoch."""
        return self.now_ms() / 1000

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Let time pass: tokens, codes, invitations, lockouts and sessions end when theirs has come.

        Raises:
            ValueError: time would go back. Tokens that the server has signed would be from the future.
        """
        ahead = seconds + 60 * minutes + 3600 * hours + 86_400 * days
        if ahead < 0:
            raise ValueError("time only goes on; `TestServer.reset` starts anew")
        self._ahead_ms += round(ahead * 1000)
        self._moved()

    def reset(self) -> None:
        """Back to the wall clock."""
        self._ahead_ms = 0
        self._moved()
