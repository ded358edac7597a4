"""Requests counted in the memory of this process, exactly: the times of those that count are kept.

Several workers each count for themselves; together they count in `redis_limits.py`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict

from greffier.server.web.limits.rate_limits import Limit

CAPACITY = 50_000
"""Keys that are remembered per window; the least recent caller is purged first. A key of a limit of five
takes about 400 bytes.
"""


class MemoryLimits:
    """Implements `limits.RateLimiter`."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._by_window: dict[int, OrderedDict[str, list[int]]] = {}

    def __len__(self) -> int:
        """The number of remembered keys."""
        return sum(map(len, self._by_window.values()))

    async def take(self, key: str, limit: Limit, now: int) -> int:
        keys = self._by_window.setdefault(limit.window, OrderedDict())
        self._forget(keys, now - limit.window)
        times = keys.setdefault(key, [])
        if times and times[-1] > now:  # the clock was set back
            times.clear()
        del times[: bisect_right(times, now - limit.window)]
        keys.move_to_end(key)
        if len(times) >= limit.count:
            return times[-limit.count] + limit.window - now
        times.append(now)
        return 0

    async def start(self) -> None:
        """Nothing to do."""

    async def stop(self) -> None:
        """Nothing to do."""

    def _forget(self, keys: OrderedDict[str, list[int]], before: int) -> None:
        """Two at a time, so that purging is always ahead of additions."""
        for _ in range(2):
            if not keys:
                return
            oldest = keys[next(iter(keys))]
            if len(keys) <= self._capacity and oldest and oldest[-1] > before:
                return
            keys.popitem(last=False)
